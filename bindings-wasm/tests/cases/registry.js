// The registry of principals and what policies decide, as JavaScript sees them.
import { expect } from "chai";
import { ACCOUNT, bytes, rejection, vault } from "../support/help.js";

const alice = `arn:aws:iam::${ACCOUNT}:user/alice`;
const role = `arn:aws:iam::${ACCOUNT}:role/app`;
const document = (statement) => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
const allow = (action, more = {}) => document({ Effect: "Allow", Action: action, Resource: "*", ...more });

export default {
  async "identity policies decide, and simulate says why"() {
    const { host, key } = await vault();
    const entity = { arn: alice, policies: [{ policyName: "describe", policyDocument: allow("kms:DescribeKey") }] };
    expect(await host.putIamEntity(entity)).to.equal(undefined);
    expect(await host.getIamEntity(alice)).to.deep.equal(entity);
    expect((await host.listIamEntities()).arns).to.deep.equal([`arn:aws:iam::${ACCOUNT}:root`, alice]);
    const kms = host.client({ principal: alice });
    await kms.describeKey({ keyId: key.keyId });
    expect((await rejection(kms.encrypt({ keyId: key.keyId, plaintext: bytes("x") }))).name).to.equal("AccessDeniedException");
    const denied = await host.simulate({ action: "kms:Encrypt", keyId: key.keyId }, { principal: alice });
    expect(denied.allowed).to.equal(false);
    expect(denied.explanation[0]).to.equal(`needed: an identity policy of ${alice} that allows kms:Encrypt`);
    expect((await host.simulate({ action: "kms:DescribeKey", keyId: key.keyId }, { principal: alice })).allowed).to.equal(true);
    expect(() => host.client({ principal: `arn:aws:iam::${ACCOUNT}:user/nobody` })).to.throw("registry");
    await host.removeIamEntity(alice);
    expect((await rejection(kms.describeKey({ keyId: key.keyId }))).name).to.equal("AccessDeniedException");
  },

  async "roles are assumed with what the app states"() {
    const { host, key } = await vault();
    const condition = { StringEquals: { "aws:PrincipalTag/team": "x" }, IpAddress: { "aws:SourceIp": "10.0.0.0/8" } };
    await host.putIamEntity({ arn: alice });
    await host.putIamEntity({
      arn: role,
      policies: [{ policyName: "use", policyDocument: allow("kms:Encrypt", { Condition: condition }) }],
      assumeRolePolicyDocument: document({ Effect: "Allow", Principal: { AWS: alice }, Action: ["sts:AssumeRole", "sts:TagSession"] }),
    });
    const session = { tags: [{ tagKey: "team", tagValue: "x" }], sourceIp: "10.0.0.1" };
    const assume = (request) => host.assumeRole({ roleArn: role, roleSessionName: "one", ...request }, { principal: alice });
    const kms = await assume({ session });
    expect(kms.caller.principal).to.equal(`arn:aws:sts::${ACCOUNT}:assumed-role/app/one`);
    await kms.encrypt({ keyId: key.keyId, plaintext: bytes("x") });
    const bare = await assume({});
    expect((await rejection(bare.encrypt({ keyId: key.keyId, plaintext: bytes("x") }))).name).to.equal("AccessDeniedException");
    await host.client({ principal: bare.caller.principal, session }).encrypt({ keyId: key.keyId, plaintext: bytes("x") });
    expect((await rejection(assume({ roleArn: `${role}2` }))).name).to.equal("AccessDeniedException");
  },

  async "request quotas go by the vault's clock"() {
    const { host, kms, key, clock } = await vault();
    await host.setRequestQuotas([{ quotaName: "DescribeKey", requests: 2 }, { quotaName: "CreateKey", requests: 1, seconds: 60 }]);
    const describe = () => kms.describeKey({ keyId: key.keyId });
    for (let count = 0; count < 2; count += 1) await describe();
    expect((await rejection(describe())).name).to.equal("ThrottlingException");
    await kms.createKey();
    clock.advance({ seconds: 1 });
    await describe();
    expect((await rejection(kms.createKey())).name).to.equal("ThrottlingException");
    await host.setRequestQuotas(undefined);
    for (let count = 0; count < 3; count += 1) await kms.createKey();
    const negative = [{ quotaName: "DescribeKey", requests: -1 }];
    expect((await rejection(host.setRequestQuotas(negative))).name).to.equal("ValidationException");
  },

  async "what is wrong is refused"() {
    const { host } = await vault();
    const wrong = async (entity) => (await rejection(host.putIamEntity(entity))).name;
    expect(await wrong({ arn: alice, policies: [{ policyName: "p", policyDocument: "{}" }] })).to.equal("MalformedPolicyDocumentException");
    expect(await wrong({ arn: "arn:aws:iam::1:user/alice" })).to.equal("ValidationException");
    const context = [{ contextKeyName: "aws:PrincipalArn", contextKeyValues: [alice] }];
    expect(() => host.client({ principal: alice, session: { context } })).to.throw("not valid as context");
    expect(await rejection(host.getIamEntity(1))).to.be.instanceOf(TypeError);
  },
};
