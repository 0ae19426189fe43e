import Foundation
import PocketKMS
import XCTest

/// A key that goes from one vault into another. What is refused, and why, is in the tests of the core.
final class ParcelTests: XCTestCase {
    /// The vault of the primary key, and that of the replica: of the same account, in another Region.
    private struct Vaults {
        let here: Kms
        let there: Kms
        let clock: ManualClock
        let key: KeyMetadata

        init() throws {
            let fixture = try Fixture()
            (here, clock) = (fixture.kms, fixture.clock)
            key = try here.createKey(request: .init(multiRegion: true)).keyMetadata
            let other = try Vault.inMemory(
                rootKey: RootKey.fromBytes(bytes: Data(count: 32)), accountId: key.awsAccountId, region: "ap-south-1",
                clock: clock)
            there = try other.client()
        }

        func ask() throws -> ParcelKeyMetadata {
            let kms = there
            return try kms.createParcelKey(request: .init(keyId: XCTUnwrap(key.arn)))
        }

        func seal(to asked: ParcelKeyMetadata, fingerprint: String? = nil) throws -> SealParcelResponse {
            let kms = here
            return try kms.sealParcel(
                request: .init(
                    keyId: key.keyId, parcelKey: asked.parcelKey, fingerprint: fingerprint ?? asked.fingerprint))
        }
    }

    private func refusal(_ kms: Kms, _ parcel: Data, fingerprint: String? = nil) -> KmsError? {
        thrown(try kms.openParcel(request: .init(parcel: parcel, fingerprint: fingerprint)))
    }

    func testAlteredOrExchangedParcelsAreRefused() throws {
        let vaults = try Vaults()
        let asked = try vaults.ask(), sealed = try vaults.seal(to: asked)
        for altered in [Data(sealed.parcel.dropFirst()), sealed.parcel.dropLast(), sealed.parcel + [0]] {
            let error = refusal(vaults.there, altered)
            XCTAssertEqual(error?.name, "InvalidCiphertextException")
            XCTAssertEqual(error?.message, "")
        }
        let exchanged = refusal(vaults.there, sealed.parcel, fingerprint: asked.fingerprint)
        XCTAssertEqual(exchanged?.name, "ValidationException")
        XCTAssertEqual(
            thrown(try vaults.seal(to: asked, fingerprint: sealed.fingerprint))?.name, "ValidationException")
        XCTAssertEqual(refusal(vaults.here, sealed.parcel)?.name, "NotFoundException")
        // None of them used the parcel key up.
        let kms = vaults.there
        let opened = try kms.openParcel(request: .init(parcel: sealed.parcel))
        XCTAssertEqual(opened.keyMetadata.keyId, vaults.key.keyId)
    }

    func testAReplicaDecryptsAndFollows() throws {
        let vaults = try Vaults()
        let (kms, keyId) = (vaults.there, vaults.key.keyId)
        for rotation in 0..<2 {
            let sealed = try vaults.seal(to: vaults.ask())
            XCTAssertEqual(sealed.keyId, vaults.key.arn)
            XCTAssertEqual(sealed.replicaRegion, "ap-south-1")
            let tags = rotation == 0 ? [Tag(tagKey: "of", tagValue: "the phone")] : nil
            let opened = try kms.openParcel(
                request: .init(parcel: sealed.parcel, fingerprint: sealed.fingerprint, tags: tags))
            XCTAssertEqual(opened.newKeyMaterials, 1)
            XCTAssertEqual(opened.keyMetadata.multiRegionConfiguration?.multiRegionKeyType, .replica)
            let blob = try vaults.here.encrypt(request: .init(keyId: keyId, plaintext: Data("card 4242".utf8)))
            let answer = try kms.decrypt(request: .init(ciphertextBlob: blob.ciphertextBlob))
            XCTAssertEqual(answer.plaintext, Data("card 4242".utf8))
            XCTAssertEqual(answer.keyId, opened.keyMetadata.arn)
            XCTAssertEqual(refusal(kms, sealed.parcel)?.name, "NotFoundException")
            _ = try vaults.here.rotateKeyOnDemand(request: .init(keyId: keyId))
        }
        XCTAssertEqual(try kms.listResourceTags(request: .init(keyId: keyId)).tags.map(\.tagValue), ["the phone"])
    }

    func testParcelKeysWaitAndExpire() throws {
        let vaults = try Vaults()
        let kms = vaults.there
        let asked = try (0..<3).map { _ in try vaults.ask() }
        let listed = { try kms.listParcelKeys(request: .init()).parcelKeys }
        XCTAssertEqual(Set(try listed()), Set(asked))

        let deleted = try kms.deleteParcelKey(request: .init(parcelKeyId: asked[0].parcelKeyId))
        XCTAssertEqual(deleted.parcelKeyId, asked[0].parcelKeyId)
        XCTAssertEqual(refusal(kms, try vaults.seal(to: asked[0]).parcel)?.name, "NotFoundException")
        XCTAssertEqual(Set(try listed()), Set(asked.dropFirst()))

        XCTAssertEqual(asked[1].expirationDate, asked[1].creationDate.addingTimeInterval(86_400))
        let parcel = try vaults.seal(to: asked[1]).parcel
        vaults.clock.advanceDays(days: 1)
        XCTAssertEqual(refusal(kms, parcel)?.name, "ExpiredImportTokenException")
        XCTAssertEqual(try listed(), [])
    }
}
