import Foundation

// The part of Apple's AVFoundation by which an app reads for a player. What it does is a player's side of it.

open class AVURLAsset: NSObject, @unchecked Sendable {
    public let url: URL
    public let resourceLoader = AVAssetResourceLoader()

    public init(url: URL) { self.url = url }
}

public protocol AVAssetResourceLoaderDelegate: NSObjectProtocol {
    func resourceLoader(
        _ resourceLoader: AVAssetResourceLoader, shouldWaitForLoadingOfRequestedResource loadingRequest: AVAssetResourceLoadingRequest
    ) -> Bool
    func resourceLoader(_ resourceLoader: AVAssetResourceLoader, didCancel loadingRequest: AVAssetResourceLoadingRequest)
}

extension AVAssetResourceLoaderDelegate { // optional in Objective-C
    public func resourceLoader(_ resourceLoader: AVAssetResourceLoader, didCancel loadingRequest: AVAssetResourceLoadingRequest) {}
}

public final class AVAssetResourceLoader: NSObject, @unchecked Sendable {
    public private(set) weak var delegate: (any AVAssetResourceLoaderDelegate)?
    public private(set) var delegateQueue: DispatchQueue?

    public func setDelegate(_ delegate: (any AVAssetResourceLoaderDelegate)?, queue: DispatchQueue?) {
        self.delegate = delegate
        delegateQueue = queue
    }

    /// As a player does: asks on the delegate's queue, and goes on.
    public func load(_ request: AVAssetResourceLoadingRequest) {
        delegateQueue!.async { [self] in
            if delegate?.resourceLoader(self, shouldWaitForLoadingOfRequestedResource: request) != true { request.finishLoading(with: nil) }
        }
    }

    public func cancel(_ request: AVAssetResourceLoadingRequest) {
        request.isCancelled = true
        delegateQueue!.async { [self] in delegate?.resourceLoader(self, didCancel: request) }
    }
}

public final class AVAssetResourceLoadingContentInformationRequest: NSObject {
    public var contentType: String?
    public var contentLength: Int64 = 0
    public var isByteRangeAccessSupported = false
}

public final class AVAssetResourceLoadingDataRequest: NSObject {
    public let requestedOffset: Int64
    public let requestedLength: Int
    public let requestsAllDataToEndOfResource: Bool
    public private(set) var currentOffset: Int64
    public private(set) var pieces: [Data] = []
    public var onRespond: () -> Void = {}

    public init(offset: Int64, length: Int, toEnd: Bool) {
        (requestedOffset, requestedLength, requestsAllDataToEndOfResource, currentOffset) = (offset, length, toEnd, offset)
    }

    public func respond(with data: Data) {
        pieces.append(data)
        currentOffset += Int64(data.count)
        onRespond()
    }
}

public final class AVAssetResourceLoadingRequest: NSObject, @unchecked Sendable {
    public let contentInformationRequest: AVAssetResourceLoadingContentInformationRequest?
    public let dataRequest: AVAssetResourceLoadingDataRequest?
    public fileprivate(set) var isCancelled = false
    public private(set) var isFinished = false
    public private(set) var error: (any Error)?
    public let finished = DispatchSemaphore(value: 0)

    public init(information: Bool, data: AVAssetResourceLoadingDataRequest?) {
        contentInformationRequest = information ? .init() : nil
        dataRequest = data
    }

    public func finishLoading() { end(nil) }

    public func finishLoading(with error: (any Error)?) { end(error) }

    private func end(_ error: (any Error)?) {
        precondition(!isFinished, "a request ends once")
        isFinished = true
        self.error = error
        finished.signal()
    }
}
