// `pocketkms/aws-sdk` beside the types of the SDK itself.
import { KMS, KMSClient, type KMSClientConfig, EncryptCommand } from "@aws-sdk/client-kms";
import type { Kms, Vault } from "pocketkms";
import { type AwsSdkConfig, awsSdk } from "pocketkms/aws-sdk";

declare const kms: Kms;
declare const vault: Vault;

const config: AwsSdkConfig = awsSdk(kms);
const whole: KMSClientConfig = config;
const client: KMSClient = new KMSClient(awsSdk(kms));
new KMSClient({ ...awsSdk(kms), maxAttempts: 1, logger: console });
new KMS(whole);
new KMS({ ...awsSdk(vault), region: "eu-west-1" });
new KMSClient(awsSdk(vault, { principal: "arn:aws:iam::111122223333:user/anna" }));

const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId: "alias/a", Plaintext: new Uint8Array(1) }));
const _bytes: Uint8Array | undefined = CiphertextBlob;

const { status, body } = await kms.call("TrentService.ListKeys", new TextEncoder().encode("{}"));
const _status: number = status;
const _body: Uint8Array = body;

// @ts-expect-error a client is made on a Kms
awsSdk({});
// @ts-expect-error a Kms has its caller
awsSdk(kms, { region: "eu-west-1" });
// @ts-expect-error no string is a body
kms.call("TrentService.ListKeys", "{}");
