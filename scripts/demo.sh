#!/usr/bin/env bash
# Deploys examples/quickstart for real and reads a log line back through Loki. Safe to run again.
# usage: demo.sh [down]      deploy it; or remove all that it left, in the lab and in your own cluster and account
. "$(dirname "$0")/common.sh"
own=$PWD/.demo # state and configuration of a demo in a cluster of the user's own

if [ "${1:-}" = down ]; then
  if [ -d "$own" ]; then
    step "the demo in your own cluster and AWS account"
    find_terraform
    TF_CLI_CONFIG_FILE=$own/mirror/terraform.tfrc "$TF" -chdir="$own" destroy -input=false -auto-approve
    rm -rf "$own"
  fi
  exec $LAB down
fi

if [ -n "${KUBECONFIG:-}" ]; then
  step "KUBECONFIG is set: no lab is booted; Loki goes to that EKS cluster, the bucket and the role into your AWS account"
  echo "Set TF_VAR_eks_cluster, TF_VAR_bucket and AWS credentials first; see examples/quickstart/variables.tf."
  : "${TF_VAR_eks_cluster:?is not set: the name of your EKS cluster}" "${TF_VAR_bucket:?is not set: a name for the bucket}"
  command -v kubectl > /dev/null || { echo "kubectl is missing: it forwards a port to Loki" >&2; exit 1; }
  scripts/setup.sh build
  cargo build --release
  lab= inside=(env) KUBECTL=kubectl work=$own
else
  step "packages"
  scripts/setup.sh lab
  step "the provider and the lab's programs, side by side (the first time takes a while)"
  side_by_side "cargo build --release" "$LAB build"
  trap 'code=$?; [ $code = 0 ] || { echo; echo "The demo failed; removing the lab." >&2; $LAB down; }; exit $code' EXIT
  step "a Kubernetes cluster and an AWS, on this machine alone"
  $LAB up
  # What examples/quickstart needs to know of the lab; a real account needs none but the names.
  lab=1 KUBECTL=$LAB_DIR/bin/kubectl work=$LAB_DIR/demo
  inside=("$LAB" exec AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test TF_VAR_region="$LAB_AWS_REGION" TF_VAR_eks_cluster=lab
    TF_VAR_bucket=acme-loki TF_VAR_aws_endpoint="$LAB_AWS_ENDPOINT")
fi
find_terraform
inside+=(TF_CLI_CONFIG_FILE="$work/mirror/terraform.tfrc")
[ -t 1 ] || inside+=(TF_CLI_ARGS=-no-color)
kubectl() { "${inside[@]}" "$KUBECTL" "$@"; }
terraform() { echo "\$ $(basename "$TF") $*" >&2; "${inside[@]}" "$TF" -chdir="$work" "$@"; }

step "the provider goes where $(basename "$TF") looks for it"
mkdir -p "$work"
cp examples/quickstart/*.tf "$work"
if [ ! "$lab" ]; then
  # `make demo-down` needs the same values again, and takes along what a demo's user does not want to keep.
  for name in region eks_cluster bucket namespace aws_endpoint; do
    variable=TF_VAR_$name; [ -z "${!variable:-}" ] || echo "$name = \"${!variable}\""
  done > "$work/demo.auto.tfvars"
  cat > "$work/demo_override.tf" <<'HCL'
resource "loki_bucket_storage" "logs" {
  force_destroy = true
}
resource "loki_stack" "main" {
  persistence = { retain = false }
}
HCL
fi
scripts/mirror.sh "$CARGO_TARGET_DIR/release/terraform-provider-loki" "$work/mirror"
rm -f "$work/.terraform.lock.hcl" # holds the hash of an earlier build

step "terraform"
terraform init -input=false > "$work/init.log" || { cat "$work/init.log"; exit 1; }
grep Installed "$work/init.log"
terraform apply -input=false -auto-approve
terraform plan -input=false -detailed-exitcode

step "a log line, pushed to Loki and read back"
push_url=$("${inside[@]}" "$TF" -chdir="$work" output -raw push_url)
bucket=$("${inside[@]}" "$TF" -chdir="$work" output -raw bucket)
host=${push_url#*://} host=${host%%[:/]*}
service=${host%%.*} namespace=${host#*.} namespace=${namespace%%.*}
if [ "$lab" ]; then
  loki=http://$(kubectl -n "$namespace" get service "$service" -o jsonpath='{.spec.clusterIP}'):3100
else
  kubectl -n "$namespace" port-forward "service/$service" :3100 > "$work/forward.log" & forward=$!
  trap 'kill $forward' EXIT
  until loki=$(grep -om1 '127.0.0.1:[0-9]*' "$work/forward.log"); do
    kill -0 $forward || { echo "kubectl cannot reach the service $service in namespace $namespace of the cluster of KUBECONFIG." >&2; exit 1; }
    sleep 0.2
  done
  loki=http://$loki
fi
curl() { "${inside[@]}" curl --noproxy '*' --silent --show-error --fail --retry 10 --retry-connrefused --retry-delay 1 "$@"; }
line="hello from make demo, $(date -u +%FT%TZ)"
echo "{\"streams\":[{\"stream\":{\"job\":\"demo\"},\"values\":[[\"$(date +%s%N)\",\"$line\"]]}]}" |
  curl -H 'Content-Type: application/json' --data-binary @- "$loki/loki/api/v1/push"
echo "pushed:    $line"
answer=
for _ in $(seq 30); do
  answer=$(curl --get --data-urlencode 'query={job="demo"}' -d limit=1 "$loki/loki/api/v1/query_range")
  [[ $answer == *"$line"* ]] && break
  sleep 0.5
done
[[ $answer == *"$line"* ]] || { echo "Loki does not return the line; it answers: $answer" >&2; exit 1; }
echo "read back: $(grep -oE 'hello from make demo, [^"]*' <<< "$answer")"

if [ "$lab" ]; then
  step "the objects in bucket $bucket, and who wrote each"
  curl --request POST "$loki/flush"
  for _ in $(seq 60); do written=$(tests/lab/aws.sh writers "$bucket"); [ -z "$written" ] || break; sleep 0.5; done
  [ -n "$written" ] || { echo "Loki wrote nothing to $bucket in 30 s." >&2; exit 1; }
  echo "$written" | while IFS=$'\t' read -r key access_key identity; do echo "$key"; echo "    $identity, with $access_key"; done
  [[ $written != *"$(printf '\t')AKIA"* && $written != *"$(printf '\t')test"* ]] || { echo "A static key wrote to the bucket." >&2; exit 1; }
  echo "ASIA… keys are temporary: AssumeRoleWithWebIdentity gave them to Loki's service account. No static key is involved."
fi

step "outputs"
terraform output
step "done"
if [ "$lab" ]; then echo "Look around:  $LAB exec kubectl -n $namespace get all"; fi
echo "Remove it:    make demo-down"
