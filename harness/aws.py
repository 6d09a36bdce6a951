"""The few calls to AWS that every stage may need."""

from harness.errors import ConfigurationError


def read_secret(arn: str, *, key: str) -> str:
    """Return the text of a secret in AWS Secrets Manager.

    Raises:
        ConfigurationError: If it cannot be read; names the configuration key, not the secret.
    """
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    region = arn.split(":")[3]
    try:
        reply = boto3.client("secretsmanager", region_name=region).get_secret_value(SecretId=arn)
    except (BotoCoreError, ClientError) as error:
        raise ConfigurationError(
            f"'{key}' names a secret in AWS Secrets Manager that cannot be read: {type(error).__name__}",
            hint="check the ARN, the region and the permission secretsmanager:GetSecretValue",
        ) from None
    return str(reply["SecretString"])
