//! The operations in use and the IAM action that each needs.
//! S3's differ from its operations' names: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>

use crate::aws::{Operation, Service};

macro_rules! operations {
    ($($constant:ident = $service:ident $name:literal $action:literal;)*) => {
        $(pub const $constant: Operation = Operation {
            service: Service::$service,
            name: $name,
            action: $action,
        };)*
    };
}

operations! {
    ABORT_UPLOAD = S3 "AbortMultipartUpload" "s3:AbortMultipartUpload";
    CREATE_BUCKET = S3 "CreateBucket" "s3:CreateBucket";
    DELETE_BUCKET = S3 "DeleteBucket" "s3:DeleteBucket";
    DELETE_LIFECYCLE = S3 "DeleteBucketLifecycle" "s3:PutLifecycleConfiguration";
    DELETE_OBJECTS = S3 "DeleteObjects" "s3:DeleteObjectVersion";
    DELETE_OBJECT = S3 "DeleteObject" "s3:DeleteObject";
    DELETE_POLICY = S3 "DeleteBucketPolicy" "s3:DeleteBucketPolicy";
    DELETE_REPLICATION = S3 "DeleteBucketReplication" "s3:PutReplicationConfiguration";
    DELETE_TAGS = S3 "DeleteBucketTagging" "s3:PutBucketTagging";
    GET_ENCRYPTION = S3 "GetBucketEncryption" "s3:GetEncryptionConfiguration";
    GET_LIFECYCLE = S3 "GetBucketLifecycleConfiguration" "s3:GetLifecycleConfiguration";
    GET_LOCK = S3 "GetObjectLockConfiguration" "s3:GetBucketObjectLockConfiguration";
    GET_LOGGING = S3 "GetBucketLogging" "s3:GetBucketLogging";
    GET_OBJECT = S3 "GetObject" "s3:GetObject";
    GET_OWNERSHIP = S3 "GetBucketOwnershipControls" "s3:GetBucketOwnershipControls";
    GET_POLICY = S3 "GetBucketPolicy" "s3:GetBucketPolicy";
    GET_PUBLIC_ACCESS = S3 "GetPublicAccessBlock" "s3:GetBucketPublicAccessBlock";
    GET_REPLICATION = S3 "GetBucketReplication" "s3:GetReplicationConfiguration";
    GET_TAGS = S3 "GetBucketTagging" "s3:GetBucketTagging";
    GET_VERSIONING = S3 "GetBucketVersioning" "s3:GetBucketVersioning";
    HEAD_BUCKET = S3 "HeadBucket" "s3:ListBucket";
    LIST_BUCKETS = S3 "ListBuckets" "s3:ListAllMyBuckets";
    LIST_OBJECTS = S3 "ListObjectsV2" "s3:ListBucket";
    LIST_UPLOADS = S3 "ListMultipartUploads" "s3:ListBucketMultipartUploads";
    LIST_VERSIONS = S3 "ListObjectVersions" "s3:ListBucketVersions";
    PUT_ENCRYPTION = S3 "PutBucketEncryption" "s3:PutEncryptionConfiguration";
    PUT_LIFECYCLE = S3 "PutBucketLifecycleConfiguration" "s3:PutLifecycleConfiguration";
    PUT_LOCK = S3 "PutObjectLockConfiguration" "s3:PutBucketObjectLockConfiguration";
    PUT_LOGGING = S3 "PutBucketLogging" "s3:PutBucketLogging";
    PUT_OBJECT = S3 "PutObject" "s3:PutObject";
    PUT_OWNERSHIP = S3 "PutBucketOwnershipControls" "s3:PutBucketOwnershipControls";
    PUT_POLICY = S3 "PutBucketPolicy" "s3:PutBucketPolicy";
    PUT_PUBLIC_ACCESS = S3 "PutPublicAccessBlock" "s3:PutBucketPublicAccessBlock";
    PUT_REPLICATION = S3 "PutBucketReplication" "s3:PutReplicationConfiguration";
    PUT_TAGS = S3 "PutBucketTagging" "s3:PutBucketTagging";
    PUT_VERSIONING = S3 "PutBucketVersioning" "s3:PutBucketVersioning";

    ACCOUNT_SUMMARY = Iam "GetAccountSummary" "iam:GetAccountSummary";
    ADD_AUDIENCE = Iam "AddClientIDToOpenIDConnectProvider" "iam:AddClientIDToOpenIDConnectProvider";
    CREATE_OIDC_PROVIDER = Iam "CreateOpenIDConnectProvider" "iam:CreateOpenIDConnectProvider";
    CREATE_ROLE = Iam "CreateRole" "iam:CreateRole";
    DELETE_BOUNDARY = Iam "DeleteRolePermissionsBoundary" "iam:DeleteRolePermissionsBoundary";
    DELETE_OIDC_PROVIDER = Iam "DeleteOpenIDConnectProvider" "iam:DeleteOpenIDConnectProvider";
    DELETE_ROLE = Iam "DeleteRole" "iam:DeleteRole";
    DELETE_ROLE_POLICY = Iam "DeleteRolePolicy" "iam:DeleteRolePolicy";
    GET_OIDC_PROVIDER = Iam "GetOpenIDConnectProvider" "iam:GetOpenIDConnectProvider";
    GET_POLICY_VERSION = Iam "GetPolicyVersion" "iam:GetPolicyVersion";
    GET_MANAGED_POLICY = Iam "GetPolicy" "iam:GetPolicy";
    GET_ROLE = Iam "GetRole" "iam:GetRole";
    GET_ROLE_POLICY = Iam "GetRolePolicy" "iam:GetRolePolicy";
    LIST_ATTACHED = Iam "ListAttachedRolePolicies" "iam:ListAttachedRolePolicies";
    LIST_INLINE = Iam "ListRolePolicies" "iam:ListRolePolicies";
    LIST_ROLES = Iam "ListRoles" "iam:ListRoles";
    PUT_BOUNDARY = Iam "PutRolePermissionsBoundary" "iam:PutRolePermissionsBoundary";
    PUT_ROLE_POLICY = Iam "PutRolePolicy" "iam:PutRolePolicy";
    SIMULATE = Iam "SimulatePrincipalPolicy" "iam:SimulatePrincipalPolicy";
    SIMULATE_CUSTOM = Iam "SimulateCustomPolicy" "iam:SimulateCustomPolicy";
    TAG_ROLE = Iam "TagRole" "iam:TagRole";
    UNTAG_ROLE = Iam "UntagRole" "iam:UntagRole";
    UPDATE_ROLE = Iam "UpdateRole" "iam:UpdateRole";
    UPDATE_TRUST = Iam "UpdateAssumeRolePolicy" "iam:UpdateAssumeRolePolicy";

    CANCEL_KEY_DELETION = Kms "CancelKeyDeletion" "kms:CancelKeyDeletion";
    CREATE_ALIAS = Kms "CreateAlias" "kms:CreateAlias";
    CREATE_KEY = Kms "CreateKey" "kms:CreateKey";
    DELETE_ALIAS = Kms "DeleteAlias" "kms:DeleteAlias";
    DELETE_KEY = Kms "ScheduleKeyDeletion" "kms:ScheduleKeyDeletion";
    DESCRIBE_KEY = Kms "DescribeKey" "kms:DescribeKey";
    ENABLE_KEY = Kms "EnableKey" "kms:EnableKey";
    ROTATE_KEY = Kms "EnableKeyRotation" "kms:EnableKeyRotation";

    ASSUME_ROLE = Sts "AssumeRole" "sts:AssumeRole";
    ASSUME_WEB_IDENTITY = Sts "AssumeRoleWithWebIdentity" "sts:AssumeRoleWithWebIdentity";
    CALLER = Sts "GetCallerIdentity" "sts:GetCallerIdentity";

    CREATE_POD_IDENTITY = Eks "CreatePodIdentityAssociation" "eks:CreatePodIdentityAssociation";
    DELETE_POD_IDENTITY = Eks "DeletePodIdentityAssociation" "eks:DeletePodIdentityAssociation";
    DESCRIBE_ADDON = Eks "DescribeAddon" "eks:DescribeAddon";
    DESCRIBE_CLUSTER = Eks "DescribeCluster" "eks:DescribeCluster";
    DESCRIBE_POD_IDENTITY = Eks "DescribePodIdentityAssociation" "eks:DescribePodIdentityAssociation";
    LIST_ADDONS = Eks "ListAddons" "eks:ListAddons";
    LIST_POD_IDENTITIES = Eks "ListPodIdentityAssociations" "eks:ListPodIdentityAssociations";
    EKS_TOKEN = Sts "GetCallerIdentity (presigned for EKS)" "sts:GetCallerIdentity";
    REGION = Sts "region" "";
}
