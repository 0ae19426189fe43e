import Foundation
import PocketKMS
import XCTest

/// The registry of principals and what policies decide, as Swift sees them.
final class RegistryTests: XCTestCase {
    let alice = "arn:aws:iam::111122223333:user/alice"
    let app = "arn:aws:iam::111122223333:role/app"

    func testIdentityPoliciesDecideAndSimulateSaysWhy() throws {
        let vault = try Vault.inMemory(rootKey: RootKey.fromBytes(bytes: Data(count: 32)), accountId: "111122223333")
        let key = try vault.client().createKey(request: .init()).keyMetadata.keyId
        let allow = #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:DescribeKey","Resource":"*"}}"#
        let entity = IamEntity(arn: alice, policies: [IamPolicy(policyName: "describe", policyDocument: allow)])
        try vault.putIamEntity(entity: entity)
        XCTAssertEqual(try vault.getIamEntity(arn: alice), entity)
        XCTAssertEqual(
            try vault.listIamEntities(request: .init()).arns, ["arn:aws:iam::111122223333:root", alice])
        let kms = try vault.client(principal: alice)
        _ = try kms.describeKey(request: .init(keyId: key))
        let encrypt = EncryptRequest(keyId: key, plaintext: Data("x".utf8))
        XCTAssertEqual(thrown(try kms.encrypt(request: encrypt))?.name, "AccessDeniedException")
        let denied = try vault.simulate(request: .init(action: "kms:Encrypt", keyId: key), principal: alice)
        XCTAssertFalse(denied.allowed)
        XCTAssertEqual(denied.explanation.first, "needed: an identity policy of \(alice) that allows kms:Encrypt")
        XCTAssertTrue(try vault.simulate(request: .init(action: "kms:DescribeKey", keyId: key), principal: alice).allowed)
        XCTAssertEqual(
            thrown(try vault.client(principal: "arn:aws:iam::111122223333:user/nobody"))?.name, "NotFoundException")
        try vault.removeIamEntity(arn: alice)
        XCTAssertEqual(thrown(try kms.describeKey(request: .init(keyId: key)))?.name, "AccessDeniedException")
    }

    func testRolesAreAssumedWithWhatTheAppStates() throws {
        let vault = try Vault.inMemory(rootKey: RootKey.fromBytes(bytes: Data(count: 32)), accountId: "111122223333")
        let key = try vault.client().createKey(request: .init()).keyMetadata.keyId
        let use = #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:DescribeKey","Resource":"*","Condition":"#
            + #"{"StringEquals":{"aws:PrincipalTag/team":"x"},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}}"#
        let trust = #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"\#(alice)"},"Action":"sts:*"}}"#
        try vault.putIamEntity(entity: IamEntity(arn: alice))
        try vault.putIamEntity(
            entity: IamEntity(
                arn: app, policies: [IamPolicy(policyName: "use", policyDocument: use)], assumeRolePolicyDocument: trust))
        let session = SessionContext(tags: [Tag(tagKey: "team", tagValue: "x")], sourceIp: "10.0.0.1")
        let kms = try vault.assumeRole(
            request: .init(roleArn: app, roleSessionName: "one", session: session), principal: alice)
        XCTAssertEqual(kms.caller().principal, "arn:aws:sts::111122223333:assumed-role/app/one")
        _ = try kms.describeKey(request: .init(keyId: key))
        let bare = try vault.assumeRole(request: .init(roleArn: app, roleSessionName: "two"), principal: alice)
        XCTAssertEqual(thrown(try bare.describeKey(request: .init(keyId: key)))?.name, "AccessDeniedException")
        _ = try vault.client(principal: bare.caller().principal, session: session).describeKey(request: .init(keyId: key))
        XCTAssertEqual(
            thrown(try vault.assumeRole(request: .init(roleArn: app + "2", roleSessionName: "one"), principal: alice))?.name,
            "AccessDeniedException")
        // What is true of the caller counts, too: its session has ended.
        let ended = SessionContext(expiration: Date(timeIntervalSince1970: 0))
        let refused = thrown(
            try vault.assumeRole(request: .init(roleArn: app, roleSessionName: "six"), principal: alice, session: ended))
        XCTAssertEqual(refused?.name, "ExpiredTokenException")
    }

    func testRequestQuotasByTheVaultsClock() throws {
        let fixture = try Fixture()
        let (vault, kms) = (fixture.vault, fixture.kms)
        let describe = { try kms.describeKey(request: .init(keyId: fixture.keyId)) }
        try vault.setRequestQuotas(
            quotas: [
                RequestQuota(quotaName: "DescribeKey", requests: 2),
                RequestQuota(quotaName: "CreateKey", requests: 1, seconds: 60),
            ])
        for _ in 0..<2 { _ = try describe() }
        XCTAssertEqual(thrown(try describe())?.name, "ThrottlingException")
        _ = try kms.createKey(request: .init())
        try fixture.clock.advance(seconds: 1)
        _ = try describe()
        XCTAssertEqual(thrown(try kms.createKey(request: .init()))?.name, "ThrottlingException")
        try vault.setRequestQuotas(quotas: nil)
        for _ in 0..<3 { _ = try kms.createKey(request: .init()) }
        XCTAssertEqual(
            thrown(try vault.setRequestQuotas(quotas: [RequestQuota(quotaName: "DescribeKey", requests: -1)]))?.name,
            "ValidationException")
    }
}
