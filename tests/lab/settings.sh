# Where the lab lives; sourced by its scripts. All of it may be set from outside.
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export LAB_DIR=${LAB_DIR:-$checkout/.lab}                                           # a running lab's state
export LAB_CACHE=${LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/loki-provider-lab}    # what was built, for every clone
[[ $LAB_DIR = /* ]] || LAB_DIR=$PWD/$LAB_DIR
# Names the network namespace, the cgroups, the CNI network: two checkouts' labs stand side by side.
export LAB_NS=${LAB_NS:-loki-lab-$(printf %s "$LAB_DIR" | sha256sum | cut -c1-8)}

NODE_IP=10.88.255.1
export LAB_API_SERVER=https://$NODE_IP:6443
export LAB_AWS_ENDPOINT=http://$NODE_IP:5000
export LAB_AWS_REGION=eu-west-1
# The API server signs its tokens under an issuer of the form that EKS uses; IAM's OIDC provider names it too.
export LAB_OIDC_ISSUER=https://oidc.eks.$LAB_AWS_REGION.amazonaws.com/id/5C4B3A2918F7E6D5C4B3A2918F7E6D5C

say() { printf 'lab: %s\n' "$*"; }

# Runs a command in the lab's network, without the variables by which programs find accounts, clusters and proxies: those
# of the user lead out of the lab. AWS_LC_* is about building a library, LAB_* and all else stays.
# nsenter, not `ip netns exec`: the latter mounts a fresh /sys that hides the cgroup mounts from the kubelet.
INSIDE=(nsenter "--net=/run/netns/$LAB_NS" env)
for name in $(compgen -e | grep -iE '^(AWS_|KUBE|TF_|(http|https|ftp|all|no)_proxy$)' | grep -v '^AWS_LC_'); do INSIDE+=(-u "$name"); done
