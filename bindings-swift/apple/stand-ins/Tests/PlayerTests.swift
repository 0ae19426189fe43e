import AVFoundation
import Foundation
import PocketKMS
import XCTest

/// What players ask of a video that is a message: what it is, any place, any length, the end, and what is broken.
final class PlayerTests: XCTestCase {
    private let client = EncryptionClient()
    private let keyring = try! Keyring.rawAes(namespace: "album", name: "key", wrappingKey: Data(repeating: 7, count: 32))
    private let video = Data((0..<500_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
    private var folder = URL(fileURLWithPath: "/")

    override func setUpWithError() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try client.encrypt(keyring: keyring, plaintext: video).message.write(to: file("video"))
    }

    override func tearDownWithError() throws { try FileManager.default.removeItem(at: folder) }

    private func file(_ name: String) -> URL { folder.appendingPathComponent(name) }

    private func loader(_ name: String = "video", window: Int = 1 << 18) -> MessageResourceLoader {
        let (client, keyring, file) = (client, keyring, file(name))
        return MessageResourceLoader(contentType: "public.mpeg-4", window: window) { try client.randomAccess(at: file, keyring: keyring) }
    }

    private func data(_ offset: Int64, _ length: Int, toEnd: Bool = false) -> AVAssetResourceLoadingDataRequest {
        AVAssetResourceLoadingDataRequest(offset: offset, length: length, toEnd: toEnd)
    }

    private func answered(_ asset: AVURLAsset, information: Bool = false, _ data: AVAssetResourceLoadingDataRequest?) -> AVAssetResourceLoadingRequest {
        let request = AVAssetResourceLoadingRequest(information: information, data: data)
        asset.resourceLoader.load(request)
        request.finished.wait()
        return request
    }

    func testWhatItIs() throws {
        let loader = loader(), asset = loader.asset()
        XCTAssertFalse(asset.url.isFileURL, "AVFoundation would read it itself")
        let first = answered(asset, information: true, data(0, 2)) // as AVPlayer begins
        XCTAssertNil(first.error)
        let information = try XCTUnwrap(first.contentInformationRequest)
        XCTAssertEqual(information.contentType, "public.mpeg-4")
        XCTAssertEqual(information.contentLength, 500_000)
        XCTAssertTrue(information.isByteRangeAccessSupported)
        XCTAssertEqual(first.dataRequest?.pieces, [video.prefix(2)])
        XCTAssertNil(answered(asset, information: true, nil).error)
    }

    func testAnyPlace() throws {
        for window in [1000, 65_536, 1 << 20] {
            let loader = loader(window: window), asset = loader.asset()
            let whole = answered(asset, data(0, 1, toEnd: true))
            XCTAssertEqual(whole.dataRequest!.pieces.reduce(Data(), +), video)
            XCTAssertLessThanOrEqual(whole.dataRequest!.pieces.map(\.count).max()!, window)
            for _ in 0..<30 {
                let offset = Int.random(in: 0...video.count), length = Int.random(in: 0...600_000)
                let request = answered(asset, data(Int64(offset), length))
                XCTAssertNil(request.error)
                XCTAssertEqual(request.dataRequest!.pieces.reduce(Data(), +), video.dropFirst(offset).prefix(length))
            }
            XCTAssertEqual(answered(asset, data(500_000, 10)).dataRequest!.pieces, [])
            for (offset, length) in [(500_001, 10), (-1, 10), (.max, .max)] as [(Int64, Int)] {
                XCTAssertNotNil(answered(asset, data(offset, length)).error, "\(offset)")
            }
            XCTAssertEqual(answered(asset, data(499_990, .max)).dataRequest!.pieces, [video.suffix(10)])
        }
    }

    /// A request that was taken back is given nothing more, and does not keep the next one waiting.
    func testCancelling() throws {
        let loader = loader(window: 1000), asset = loader.asset()
        let everything = data(0, 1, toEnd: true)
        let request = AVAssetResourceLoadingRequest(information: false, data: everything)
        everything.onRespond = { if everything.pieces.count == 3 { asset.resourceLoader.cancel(request) } }
        asset.resourceLoader.load(request)
        let other = answered(asset, data(100_000, 10))
        XCTAssertEqual(other.dataRequest!.pieces, [video[100_000..<100_010]])
        _ = answered(asset, data(0, 10)) // behind all that was under way
        XCTAssertEqual(everything.pieces.count, 3)
        XCTAssertFalse(request.isFinished)
    }

    func testWhatIsBroken() throws {
        let whole = try Data(contentsOf: file("video"))
        var altered = whole
        altered[300_000] ^= 1
        for (name, bytes) in [("cut", whole.prefix(300_000)), ("altered", altered), ("no message", Data(count: 1000)), ("empty", Data())] {
            try bytes.write(to: file(name))
            let loader = loader(name)
            let request = answered(loader.asset(), information: true, data(0, 1, toEnd: true))
            XCTAssertTrue(request.error is any PocketKMSError, "\(name): \(request.error as Any)")
            XCTAssertTrue(video.starts(with: request.dataRequest!.pieces.reduce(Data(), +)))
        }
        let nowhere = loader("later"), asset = nowhere.asset()
        XCTAssertTrue(answered(asset, data(0, 1)).error is FileError)
        try whole.write(to: file("later")) // it is opened again
        XCTAssertNil(answered(asset, data(0, 1)).error)
    }
}
