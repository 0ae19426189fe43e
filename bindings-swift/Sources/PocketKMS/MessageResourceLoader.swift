// watchOS has players, but no delegate of theirs to read for them.
#if canImport(AVFoundation) && !os(watchOS)
import AVFoundation
import Foundation

/// The plaintext of a message for `AVPlayer`, `AVAssetImageGenerator` and the rest of AVFoundation, which read and search it without a
/// decrypted file:
///
///     let loader = MessageResourceLoader(contentType: "public.mpeg-4") { try client.randomAccess(at: message, keyring: keyring) }
///     let player = AVPlayer(playerItem: AVPlayerItem(asset: loader.asset()))
///
/// AVFoundation does not keep its delegate: hold the loader as long as the asset. Made with larger frames than usual
/// (`EncryptOptions(frameLength: 65536)`, say), a video has fewer of them to be asked for.
public final class MessageResourceLoader: NSObject, AVAssetResourceLoaderDelegate, @unchecked Sendable {
    private let contentType: String
    private let window: Int
    private let open: @Sendable () throws -> RandomAccessReader
    private let queue = DispatchQueue(label: "io.github.pocketkms.player")
    /// Of the queue alone.
    private var reader: RandomAccessReader?

    /// - Parameters:
    ///   - contentType: the uniform type identifier of the plaintext: `public.mpeg-4`, `com.apple.quicktime-movie`, `public.mp3`.
    ///   - window: how many bytes a player is given at once at most, and how long a request that it takes back may go on.
    ///   - open: opens the message, once, when the player first asks; again after it failed.
    public init(
        contentType: String, window: Int = 1 << 18, open: @escaping @Sendable () throws -> RandomAccessReader
    ) {
        self.contentType = contentType
        self.window = max(window, 1)
        self.open = open
    }

    /// An asset of the message. Its URL says nothing; its `pathExtension` may help AVFoundation where a type identifier does not.
    public func asset(pathExtension: String = "mp4") -> AVURLAsset {
        let asset = AVURLAsset(url: URL(string: "pocketkms-message:///plaintext.\(pathExtension)")!)
        asset.resourceLoader.setDelegate(self, queue: queue)
        return asset
    }

    public func resourceLoader(
        _ resourceLoader: AVAssetResourceLoader, shouldWaitForLoadingOfRequestedResource loadingRequest: AVAssetResourceLoadingRequest
    ) -> Bool {
        step(loadingRequest)
        return true
    }

    /// A window of what is asked for. The next is a block of its own, so that between two the queue hears of other requests and of cancelling.
    private func step(_ request: AVAssetResourceLoadingRequest) {
        guard !request.isCancelled, !request.isFinished else { return }
        do {
            let reader = try reader ?? open()
            self.reader = reader
            if let information = request.contentInformationRequest {
                information.contentType = contentType
                information.contentLength = Int64(try reader.length())
                information.isByteRangeAccessSupported = true
            }
            guard let data = request.dataRequest, let wanted = try remaining(of: data, in: reader) else { return request.finishLoading() }
            let part = try reader.read(wanted)
            guard !part.isEmpty else {
                throw KmsError.InvalidMessage(details: ErrorDetails(message: "", explanation: "the message ended before its length"))
            }
            if request.isCancelled { return }
            data.respond(with: part)
        } catch {
            if !request.isCancelled { request.finishLoading(with: error) }
            return
        }
        let next = HandedOn(request: request)
        queue.async { self.step(next.request) }
    }

    /// The next window; nil when the player has it all.
    private func remaining(of data: AVAssetResourceLoadingDataRequest, in reader: RandomAccessReader) throws -> Range<UInt64>? {
        let length = try Int64(reader.length())
        guard data.requestedOffset >= 0, data.currentOffset <= length else {
            throw KmsError.Validation(details: ErrorDetails(message: "the place is behind the end of the message"))
        }
        let (end, overflow) = data.requestedOffset.addingReportingOverflow(Int64(data.requestedLength))
        let last = data.requestsAllDataToEndOfResource || overflow ? length : min(end, length)
        guard data.currentOffset < last else { return nil }
        return UInt64(data.currentOffset)..<UInt64(min(last, data.currentOffset + Int64(window)))
    }
}

/// A request is used on the loader's queue alone.
private struct HandedOn: @unchecked Sendable {
    let request: AVAssetResourceLoadingRequest
}
#endif
