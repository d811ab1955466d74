"""Operations of AWS that moto 5.2 lacks, added to moto itself.

EKS: add-ons, Pod Identity associations, version updates. IAM: policy simulation, audiences of OIDC providers. Every answer and every error is held to
botocore's service model before it leaves: an answer with a member that AWS does not have fails the request.

What is proven only against these is listed in docs/guides/proof.md.
"""
import fnmatch, json, secrets, uuid
from datetime import datetime, timezone

from botocore.session import get_session
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult

SESSION = get_session()


def conforms(shape, value, path):
    """Fails where `value` is not what botocore's shape describes."""
    kinds = {"structure": dict, "list": list, "map": dict, "string": str, "boolean": bool, "integer": int, "timestamp": datetime}
    assert isinstance(value, kinds[shape.type_name]), f"{path}: {value!r} is no {shape.type_name}"
    if shape.type_name == "structure":
        unknown = set(value) - set(shape.members)
        assert not unknown, f"{path}: {shape.name} has no {unknown}"
        missing = set(shape.required_members) - set(value)
        assert not missing, f"{path}: {shape.name} needs {missing}"
        for key, part in value.items():
            conforms(shape.members[key], part, f"{path}.{key}")
    elif shape.type_name == "list":
        for index, part in enumerate(value):
            conforms(shape.member, part, f"{path}[{index}]")
    elif shape.type_name == "map":
        for key, part in value.items():
            conforms(shape.value, part, f"{path}[{key}]")
    elif getattr(shape, "enum", None):
        assert value in shape.enum, f"{path}: {value!r} is none of {shape.enum}"


def operation(response, service, name):
    """Makes a function of the backend an operation of moto's; its answer is held to the model."""
    model = SESSION.get_service_model(service).operation_model(name)

    def decorate(function):
        def answer(self):
            backend = self.eks_backend if service == "eks" else self.backend
            # Moto finds what is in the path by its name there.
            parameters = {member: self._get_param(shape.serialization.get("name", member))
                          for member, shape in model.input_shape.members.items()}
            try:
                result = function(backend, **{key: value for key, value in parameters.items() if value is not None})
            except ServiceException as error:
                assert error.code in {shape.name for shape in model.error_shapes}, f"{name} has no error {error.code}"
                raise
            if model.output_shape:
                conforms(model.output_shape, result, name)
            return ActionResult(result)

        setattr(response, underscored(name), answer)
        return function

    return decorate


def underscored(name):
    from moto.core.utils import camelcase_to_underscores

    return camelcase_to_underscores(name)


def error(code_, message):
    class Error(ServiceException):
        code = code_

    return Error(message)


def now():
    return datetime.now(timezone.utc)


def extend_eks():
    from moto.eks import urls
    from moto.eks.responses import EKSResponse

    cluster = "{0}/clusters/(?P<clusterName>[^/]+)"
    for path in ["addons", "addons/(?P<addonName>[^/]+)", "pod-identity-associations",
                 "pod-identity-associations/(?P<associationId>[^/]+)", "updates", "updates/(?P<updateId>[^/]+)"]:
        urls.url_paths[f"{cluster}/{path}$"] = urls.response.dispatch

    def kept(backend, kind):
        return backend.__dict__.setdefault(f"beyond_{kind}", {})

    def cluster_of(backend, name):
        if name not in backend.clusters:
            raise error("ResourceNotFoundException", f"No cluster found for name: {name}.")
        return backend.clusters[name]

    def addon_of(backend, cluster, name):
        cluster_of(backend, cluster)
        addon = kept(backend, "addons").get((cluster, name))
        if addon is None:
            raise error("ResourceNotFoundException", f"No addon: {name} found in cluster: {cluster}")
        return addon

    @operation(EKSResponse, "eks", "CreateAddon")
    def create_addon(backend, clusterName, addonName, addonVersion="v1.3.8-eksbuild.2", tags=None, **_):
        owner = cluster_of(backend, clusterName)
        addons = kept(backend, "addons")
        if (clusterName, addonName) in addons:
            raise error("ResourceInUseException", "Addon already exists.")
        arn = owner.arn.replace(":cluster/", ":addon/") + f"/{addonName}/{uuid.uuid4()}"
        addons[clusterName, addonName] = {
            "addonName": addonName, "clusterName": clusterName, "status": "ACTIVE", "addonVersion": addonVersion,
            "health": {"issues": []}, "addonArn": arn, "createdAt": now(), "modifiedAt": now(), "tags": tags or {}}
        return {"addon": addons[clusterName, addonName]}

    @operation(EKSResponse, "eks", "ListAddons")
    def list_addons(backend, clusterName, **_):
        cluster_of(backend, clusterName)
        return {"addons": sorted(name for of, name in kept(backend, "addons") if of == clusterName)}

    @operation(EKSResponse, "eks", "DescribeAddon")
    def describe_addon(backend, clusterName, addonName):
        return {"addon": addon_of(backend, clusterName, addonName)}

    @operation(EKSResponse, "eks", "DeleteAddon")
    def delete_addon(backend, clusterName, addonName, **_):
        addon = addon_of(backend, clusterName, addonName)
        del kept(backend, "addons")[clusterName, addonName]
        return {"addon": {**addon, "status": "DELETING"}}

    def association_of(backend, cluster, id):
        cluster_of(backend, cluster)
        found = kept(backend, "associations").get(id)
        if found is None or found["clusterName"] != cluster:
            raise error("ResourceNotFoundException", f"The association {id} does not exist in cluster {cluster}.")
        return found

    @operation(EKSResponse, "eks", "CreatePodIdentityAssociation")
    def create_pod_identity_association(backend, clusterName, namespace, serviceAccount, roleArn, tags=None, **_):
        owner = cluster_of(backend, clusterName)
        associations = kept(backend, "associations")
        of = (clusterName, namespace, serviceAccount)
        if any((it["clusterName"], it["namespace"], it["serviceAccount"]) == of for it in associations.values()):
            raise error("ResourceInUseException", f"Association already exists for {namespace}/{serviceAccount}.")
        id = "a-" + secrets.token_hex(9)[:17]
        associations[id] = {
            "clusterName": clusterName, "namespace": namespace, "serviceAccount": serviceAccount, "roleArn": roleArn,
            "associationArn": owner.arn.replace(":cluster/", ":podidentityassociation/") + f"/{id}",
            "associationId": id, "tags": tags or {}, "createdAt": now(), "modifiedAt": now()}
        return {"association": associations[id]}

    @operation(EKSResponse, "eks", "ListPodIdentityAssociations")
    def list_pod_identity_associations(backend, clusterName, namespace=None, serviceAccount=None, **_):
        cluster_of(backend, clusterName)
        members = ["clusterName", "namespace", "serviceAccount", "associationArn", "associationId"]
        return {"associations": [
            {member: it[member] for member in members} for it in kept(backend, "associations").values()
            if it["clusterName"] == clusterName and it["namespace"] == (namespace or it["namespace"])
            and it["serviceAccount"] == (serviceAccount or it["serviceAccount"])]}

    @operation(EKSResponse, "eks", "DescribePodIdentityAssociation")
    def describe_pod_identity_association(backend, clusterName, associationId):
        return {"association": association_of(backend, clusterName, associationId)}

    @operation(EKSResponse, "eks", "UpdatePodIdentityAssociation")
    def update_pod_identity_association(backend, clusterName, associationId, roleArn=None, **_):
        found = association_of(backend, clusterName, associationId)
        found.update(roleArn=roleArn or found["roleArn"], modifiedAt=now())
        return {"association": found}

    @operation(EKSResponse, "eks", "DeletePodIdentityAssociation")
    def delete_pod_identity_association(backend, clusterName, associationId):
        found = association_of(backend, clusterName, associationId)
        del kept(backend, "associations")[associationId]
        return {"association": found}

    @operation(EKSResponse, "eks", "UpdateClusterVersion")
    def update_cluster_version(backend, name, version, **_):
        cluster = cluster_of(backend, name)
        if tuple(map(int, version.split("."))) <= tuple(map(int, cluster.version.split("."))):
            raise error("InvalidParameterException", f"unsupported Kubernetes version update from {cluster.version} to {version}")
        cluster.version = version
        update = {"id": str(uuid.uuid4()), "status": "Successful", "type": "VersionUpdate",
                  "params": [{"type": "Version", "value": version}], "createdAt": now(), "errors": []}
        kept(backend, "updates")[name, update["id"]] = update
        return {"update": update}

    @operation(EKSResponse, "eks", "DescribeUpdate")
    def describe_update(backend, name, updateId, **_):
        cluster_of(backend, name)
        found = kept(backend, "updates").get((name, updateId))
        if found is None:
            raise error("ResourceNotFoundException", f"No update found for ID: {updateId}")
        return {"update": found}


def as_list(value):
    return value if isinstance(value, list) else [value]


def matches(patterns, text):
    # IAM's patterns know * and ?, and no brackets.
    return any(fnmatch.fnmatchcase(text.lower(), pattern.lower().replace("[", "[[]")) for pattern in as_list(patterns))


def decision(documents, action, resource, context):
    """`explicitDeny`, `allowed` or `implicitDeny`, and the condition keys without a value."""
    verdict, missing = "implicitDeny", set()
    for document in documents:
        for statement in as_list(json.loads(document)["Statement"]):
            if "Action" in statement and not matches(statement["Action"], action):
                continue
            if "NotAction" in statement and matches(statement["NotAction"], action):
                continue
            if "Resource" in statement and not matches(statement["Resource"], resource):
                continue
            conditions = [(key, as_list(wanted)) for tests in statement.get("Condition", {}).values() for key, wanted in tests.items()]
            unknown = {key for key, _ in conditions if key not in context}
            missing |= unknown
            if unknown or not all(context[key] in map(str, wanted) for key, wanted in conditions):
                continue
            if statement["Effect"] == "Deny":
                return "explicitDeny", missing
            verdict = "allowed"
    return verdict, missing


def extend_iam():
    from moto.iam.models import iam_backends
    from moto.iam.responses import IamResponse

    @operation(IamResponse, "iam", "AddClientIDToOpenIDConnectProvider")
    def add_client_id_to_open_id_connect_provider(backend, OpenIDConnectProviderArn, ClientID):
        provider = backend.get_open_id_connect_provider(OpenIDConnectProviderArn)
        if ClientID not in provider.client_id_list:
            provider.client_id_list.append(ClientID)
        return {}

    def evaluate(documents, boundaries, ActionNames, ResourceArns=("*",), ContextEntries=(), **_):
        context = {entry["ContextKeyName"]: entry["ContextKeyValues"][0] for entry in ContextEntries}
        results = []
        for action in ActionNames:
            for resource in ResourceArns:
                verdict, missing = decision(documents, action, resource, context)
                result = {"EvalActionName": action, "EvalResourceName": resource, "MissingContextValues": sorted(missing)}
                if boundaries:
                    bounded, _ = decision(boundaries, action, resource, context)
                    result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": bounded == "allowed"}
                    verdict = verdict if bounded == "allowed" else bounded
                results.append({**result, "EvalDecision": verdict})
        return {"EvaluationResults": results, "IsTruncated": False}

    def current(backend, arn):
        policy = backend.get_policy(arn)
        return backend.get_policy_version(arn, policy.default_version_id).document

    @operation(IamResponse, "iam", "SimulateCustomPolicy")
    def simulate_custom_policy(backend, PolicyInputList, PermissionsBoundaryPolicyInputList=(), **rest):
        return evaluate(PolicyInputList, PermissionsBoundaryPolicyInputList, **rest)

    @operation(IamResponse, "iam", "SimulatePrincipalPolicy")
    def simulate_principal_policy(backend, PolicySourceArn, PolicyInputList=(), **rest):
        role = next((role for role in backend.roles.values() if role.arn == PolicySourceArn), None)
        if role is None:
            raise error("NoSuchEntity", f"{PolicySourceArn} cannot be found")
        documents = list(PolicyInputList) + list(role.policies.values()) + [current(backend, arn) for arn in role.managed_policies]
        boundary = role.permissions_boundary_arn
        return evaluate(documents, [current(backend, boundary)] if boundary else [], **rest)


def extend():
    extend_eks()
    extend_iam()
