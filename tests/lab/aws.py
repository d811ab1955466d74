"""AWS for the lab: moto, made to refuse what AWS refuses where the lab has something to prove.

usage: aws.py serve                      moto on $LAB_AWS_ENDPOINT, with the EKS cluster `lab`
       aws.py call SERVICE METHOD JSON   one boto3 call, its answer as JSON (aws.py call s3 list_buckets '{}')
       aws.py writers BUCKET             who wrote each object: key, access key and identity, tab-separated

Moto alone lets any key do anything and hands out any role for any token. Here
- the key `test` (secret `test`) is the account's administrator; every other key must be one that moto's IAM or STS
  issued and is held to its policies by moto's own policy engine;
- AssumeRoleWithWebIdentity wants a token that the cluster signed, whose issuer is an OIDC provider in IAM and which
  the role's trust policy admits by audience and subject;
- S3 answers 403 to who expects a bucket's owner to be another account. Account 210987654321 is there to own some, through
  its role `neighbour`, which `test` may assume;
- the cluster's API server asks here who a bearer token of `aws eks get-token` is, as EKS asks aws-iam-authenticator;
- operations that moto lacks are added by tests/support/moto/beyond.py;
- a bucket is filled with many objects at once (/lab/fill);
- each request leaves a line in $LAB_DIR/aws-requests.jsonl: who asked for what, and the answer's status.
"""
import base64, datetime, fnmatch, functools, hashlib, hmac, json, os, sys, time
from urllib.parse import parse_qsl, quote, urlsplit

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support", "moto"))

LAB_DIR = os.environ["LAB_DIR"]
ENDPOINT = os.environ["LAB_AWS_ENDPOINT"]
REGION = os.environ["LAB_AWS_REGION"]
ISSUER = os.environ["LAB_OIDC_ISSUER"]
LEDGER = f"{LAB_DIR}/aws-requests.jsonl"
ACCOUNT, ADMINISTRATOR, CLUSTER = "123456789012", "test", "lab"
NEIGHBOUR = "210987654321"


def from_base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def identity(key):
    """(ARN, secret) of an access key that moto knows, else (None, None)."""
    from moto.iam.models import iam_backends
    from moto.sts.models import sts_backends

    if key == ADMINISTRATOR:
        return f"arn:aws:iam::{ACCOUNT}:user/{ADMINISTRATOR}", ADMINISTRATOR
    for role in sts_backends[ACCOUNT]["aws"].assumed_roles:
        if role.access_key_id == key:
            return role.arn, role.secret_access_key
    for user in iam_backends[ACCOUNT]["aws"].users.values():
        for access_key in user.access_keys:
            if access_key.access_key_id == key:
                return user.arn, access_key.secret_access_key
    return None, None


def hold_keys_to_their_policies():
    from moto import settings
    from moto.core.authorization import ActionAuthenticatorMixin as Authenticator
    from moto.iam.access_control import IAMRequestBase

    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
    check = Authenticator._authenticate_and_authorize_action

    def checked(self, request_class, resource="*"):
        authorization = self.headers.get("Authorization", "")
        if authorization and f"Credential={ADMINISTRATOR}/" not in authorization:
            check(self, request_class, resource)

    Authenticator._authenticate_and_authorize_action = checked
    # Moto computes it over the decoded query and so refuses every `delimiter=%2F` of Loki's.
    IAMRequestBase.check_signature = lambda self: None


def hold_web_identities_to_trust_policies():
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding
    from moto.core.exceptions import ServiceException
    from moto.iam.models import iam_backends
    from moto.sts.responses import TokenResponse

    class InvalidIdentityToken(ServiceException):
        code = "InvalidIdentityToken"

    class AccessDenied(ServiceException):
        code = "AccessDenied"

    signing_key = serialization.load_pem_public_key(open(f"{LAB_DIR}/pki/sa.pub", "rb").read())
    assume = TokenResponse.assume_role_with_web_identity

    def claims_of(token):
        try:
            signed, _, signature = token.rpartition(".")
            signing_key.verify(from_base64url(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
            claims = json.loads(from_base64url(signed.split(".")[1]))
        except Exception:
            raise InvalidIdentityToken("The web identity token's signature is not the cluster's")
        if claims["exp"] < time.time():
            raise InvalidIdentityToken("The web identity token has expired")
        return claims

    def trusts(statement, provider, values):
        operators = {"StringEquals": str.__eq__, "StringLike": fnmatch.fnmatchcase}
        if statement["Effect"] != "Allow" or statement.get("Principal", {}).get("Federated") != provider.arn:
            return False
        if "sts:AssumeRoleWithWebIdentity" not in as_list(statement["Action"]):
            return False
        return all(
            any(operators[operator](value, wanted) for value in values.get(key, []) for wanted in as_list(wanteds))
            for operator, conditions in statement.get("Condition", {}).items()
            for key, wanteds in conditions.items()
        )

    def assume_role_with_web_identity(self):
        claims = claims_of(self._get_param("WebIdentityToken"))
        iam = iam_backends[ACCOUNT]["aws"]
        issuer, audiences = claims["iss"].removeprefix("https://"), as_list(claims["aud"])
        provider = next((p for p in iam.open_id_providers.values() if p.url == issuer), None)
        if provider is None:
            raise InvalidIdentityToken(f"No OpenIDConnect provider found in your account for https://{issuer}")
        if not set(audiences) & set(provider.client_id_list):
            raise InvalidIdentityToken("Incorrect token audience")
        role = next((r for r in iam.roles.values() if r.arn == self._get_param("RoleArn")), None)
        values = {f"{issuer}:aud": audiences, f"{issuer}:sub": [claims["sub"]]}
        trust = json.loads(role.assume_role_policy_document)["Statement"] if role else []
        if not any(trusts(statement, provider, values) for statement in as_list(trust)):
            raise AccessDenied("Not authorized to perform sts:AssumeRoleWithWebIdentity")
        return assume(self)

    TokenResponse.assume_role_with_web_identity = assume_role_with_web_identity


def answer_as_s3():
    import xmltodict
    from moto.s3.models import FakeDeleteMarker, S3Backend, s3_backends
    from moto.s3.responses import ACTION_MAP, S3Response

    # Moto takes them for actions that AWS does not know, or for CreateBucket and ListBucket.
    actions = ACTION_MAP["BUCKET"]
    actions["HEAD"]["DEFAULT"] = "ListBucket"
    settings = {"encryption": "EncryptionConfiguration", "publicAccessBlock": "BucketPublicAccessBlock",
                "ownershipControls": "BucketOwnershipControls", "object-lock": "BucketObjectLockConfiguration",
                "replication": "ReplicationConfiguration"}
    for parameter, setting in settings.items():
        actions["GET"][parameter], actions["PUT"][parameter] = f"Get{setting}", f"Put{setting}"
    actions["DELETE"]["replication"] = "PutReplicationConfiguration"
    head, versioning, put = S3Response.head_bucket, S3Response.get_bucket_versioning, S3Response._bucket_response_put

    def head_bucket(self):
        _, owner = s3_backends.bucket_accounts.get(self.bucket_name, (None, None))
        if owner and self.headers.get("x-amz-expected-bucket-owner", owner) != owner:
            return 403, {}, ""
        return head(self)

    # Moto names the root after the call; SDKs that check it, like Rust's, refuse the answer.
    def get_bucket_versioning(self):
        status, headers, body = versioning(self)
        return status, headers, body.replace("GetBucketVersioningResponse", "VersioningConfiguration")

    # Moto leaves out the tags that a bucket is created with.
    def bucket_response_put(self, request, bucket_name, querystring):
        answer = put(self, request, bucket_name, querystring)
        if b"<CreateBucketConfiguration" in request.data:
            tags = xmltodict.parse(request.data)["CreateBucketConfiguration"].get("Tags")
            if tags:
                tags = {tag["Key"]: tag["Value"] or "" for tag in as_list(tags["Tag"])}
                self.backend.put_bucket_tagging(bucket_name, tags)
        return answer

    # Moto copies the whole bucket for each page, and finds no page after a marker that has been deleted.
    def list_object_versions(self, bucket_name, delimiter=None, key_marker=None, max_keys=1000, prefix="", version_id_marker=None):
        if delimiter:
            return list_versions(self, bucket_name, delimiter, key_marker, max_keys, prefix, version_id_marker)
        keys, page = self.get_bucket(bucket_name).keys, []
        begin = (lambda name: name >= key_marker) if version_id_marker else (lambda name: key_marker is None or name > key_marker)
        for name in sorted(name for name in list(keys) if name.startswith(prefix) and begin(name)):
            entries = keys.getlist(name)[::-1]
            for entry in entries:
                entry.is_latest = entry is entries[0]
            ids = [entry.version_id for entry in entries]
            if name == key_marker and version_id_marker in ids:
                entries = entries[ids.index(version_id_marker) + 1:]
            page += entries
            if len(page) > max_keys:
                break
        more, page = len(page) > max_keys, page[:max_keys]
        markers = [entry for entry in page if isinstance(entry, FakeDeleteMarker)]
        versions = [entry for entry in page if not isinstance(entry, FakeDeleteMarker)]
        return versions, [], markers, page[-1].name if more else None, page[-1].version_id if more else None

    # What AWS asks for depends on whether versions are named.
    def authorize(self, *arguments, **named):
        if self.is_delete_keys() and b"<VersionId>" in self.body:
            self.data["Action"] = "DeleteObjectVersion"
        return authorized(self, *arguments, **named)

    list_versions, authorized = S3Backend.list_object_versions, S3Response._authenticate_and_authorize_s3_action
    S3Backend.list_object_versions = list_object_versions
    S3Response._authenticate_and_authorize_s3_action = authorize
    S3Response.head_bucket = head_bucket
    S3Response.get_bucket_versioning = get_bucket_versioning
    S3Response._bucket_response_put = bucket_response_put


def answer_as_kms():
    from moto.kms.models import KmsBackend

    # Moto takes a key's id alone here, AWS its ARN as well.
    for name in ["schedule_key_deletion", "cancel_key_deletion", "enable_key"]:
        def by_id(self, key_id, *rest, of=getattr(KmsBackend, name)):
            return of(self, key_id.rpartition("/")[2], *rest)

        setattr(KmsBackend, name, by_id)


def as_list(value):
    return value if isinstance(value, list) else [value]


def authenticate(token):
    """The user behind a bearer token of `aws eks get-token`, or None.

    The token is a presigned GetCallerIdentity; aws-iam-authenticator sends it to STS, here its signature is computed.
    """
    if not token.startswith("k8s-aws-v1."):
        return None
    url = urlsplit(from_base64url(token.removeprefix("k8s-aws-v1.")).decode())
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    signature, signed = query.pop("X-Amz-Signature"), query["X-Amz-SignedHeaders"].split(";")
    headers = {"host": url.netloc, "x-k8s-aws-id": CLUSTER}
    if query.get("Action") != "GetCallerIdentity" or "x-k8s-aws-id" not in signed:
        return None
    stamp = datetime.datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    if stamp.timestamp() + 15 * 60 < time.time():  # what STS grants; aws-iam-authenticator ignores X-Amz-Expires as well
        return None
    key, *scope = query["X-Amz-Credential"].split("/")
    arn, secret = identity(key)
    if arn is None:
        return None
    encode = functools.partial(quote, safe="-_.~")
    request = "\n".join([
        "GET", url.path, "&".join(f"{encode(k)}={encode(v)}" for k, v in sorted(query.items())),
        *(f"{name}:{headers[name]}" for name in signed), "", ";".join(signed), hashlib.sha256(b"").hexdigest(),
    ])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", query["X-Amz-Date"], "/".join(scope), hashlib.sha256(request.encode()).hexdigest()])
    sign = lambda k, text: hmac.new(k, text.encode(), hashlib.sha256)
    signing_key = functools.reduce(lambda k, part: sign(k, part).digest(), scope, f"AWS4{secret}".encode())
    if not hmac.compare_digest(sign(signing_key, to_sign).hexdigest(), signature):
        return None
    return {"username": arn, "groups": ["system:masters"] if key == ADMINISTRATOR else []}


def token_review(environ, start_response):
    review = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    try:
        user = authenticate(review["spec"]["token"])
    except (KeyError, ValueError):
        user = None
    status = {"authenticated": True, "user": user} if user else {"authenticated": False}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "status": status}).encode()]


def fill(environ, start_response):
    """POST /lab/fill?bucket=B&objects=N: N objects of one byte, each with an older version or a delete marker on top."""
    from moto.s3.models import s3_backends

    query = dict(parse_qsl(environ["QUERY_STRING"]))
    backend = s3_backends[ACCOUNT]["aws"]
    for number in range(int(query["objects"])):
        key = f"fake/{number % 256:02x}/{number:08x}"
        backend.put_object(query["bucket"], key, b"x")
        if number % 2:
            backend.put_object(query["bucket"], key, b"y")
        else:
            backend.delete_object(query["bucket"], key)
    start_response("200 OK", [])
    return []


def with_ledger(application, ledger):
    def serve(environ, start_response):
        if environ["PATH_INFO"] == "/lab/authenticate":
            return token_review(environ, start_response)
        if environ["PATH_INFO"] == "/lab/fill":
            return fill(environ, start_response)
        credential = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].partition(",")[0].split("/")

        def answered(status, *rest):
            line = {"time": time.time(), "status": int(status[:3]), "service": (credential + ["", "", "", ""])[3],
                    "method": environ["REQUEST_METHOD"], "path": environ["PATH_INFO"], "query": environ["QUERY_STRING"],
                    "access_key": credential[0], "identity": identity(credential[0])[0]}
            ledger.write(json.dumps(line) + "\n")
            return start_response(status, *rest)

        return application(environ, answered)

    return serve


def seed():
    from moto.eks.models import eks_backends
    from moto.iam.models import iam_backends

    cluster = eks_backends[ACCOUNT][REGION].create_cluster(
        name=CLUSTER, role_arn=f"arn:aws:iam::{ACCOUNT}:role/eks", resources_vpc_config={}, version="1.34")
    cluster.endpoint = os.environ["LAB_API_SERVER"]
    cluster.certificate_authority = {"data": base64.b64encode(open(f"{LAB_DIR}/pki/ca.crt", "rb").read()).decode()}
    cluster.identity = {"oidc": {"issuer": ISSUER}}
    provider = iam_backends[ACCOUNT]["aws"].create_open_id_connect_provider(
        url=ISSUER, thumbprint_list=["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"], client_id_list=["sts.amazonaws.com"], tags=[])
    everything = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    iam_backends[NEIGHBOUR]["aws"].create_role(
        role_name="neighbour", assume_role_policy_document="{}", path="/", permissions_boundary=None, description="", tags=[], max_session_duration=3600)
    iam_backends[NEIGHBOUR]["aws"].put_role_policy("neighbour", "everything", json.dumps(everything))
    print(f"EKS cluster {cluster.arn}")
    print(f"IAM OIDC provider {provider.arn}", flush=True)


def serve():
    import beyond
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import run_simple

    beyond.extend()
    hold_keys_to_their_policies()
    hold_web_identities_to_trust_policies()
    answer_as_s3()
    answer_as_kms()
    seed()
    address = urlsplit(ENDPOINT)
    application = with_ledger(DomainDispatcherApplication(create_backend_app), open(LEDGER, "a", buffering=1))
    run_simple(address.hostname, address.port, application, threaded=True)


def call(service, method, arguments):
    import boto3
    from botocore.exceptions import ClientError

    client = boto3.client(
        service, endpoint_url=ENDPOINT, region_name=os.environ.get("AWS_REGION", REGION),
        aws_access_key_id=os.environ.get("AWS_ACCESS_KEY_ID", ADMINISTRATOR),
        aws_secret_access_key=os.environ.get("AWS_SECRET_ACCESS_KEY", ADMINISTRATOR))
    try:
        answer = getattr(client, method)(**json.loads(arguments))
    except ClientError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    answer.pop("ResponseMetadata", None)
    if "Body" in answer:
        answer["Body"] = answer["Body"].read().decode()
    json.dump(answer, sys.stdout, default=str)
    print()


def writers(bucket):
    for line in map(json.loads, open(LEDGER)):
        path, query = line["path"].removeprefix(f"/{bucket}/"), dict(parse_qsl(line["query"], keep_blank_values=True))
        subresource = set(query) - {"x-id", "uploadId"}  # x-id=PutObject only names the call
        completed = line["method"] == ("POST" if "uploadId" in query else "PUT") and not subresource
        if path and path != line["path"] and completed and line["status"] == 200:
            print(path, line["access_key"], line["identity"], sep="\t")


if __name__ == "__main__":
    commands = {"serve": serve, "call": call, "writers": writers}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])
