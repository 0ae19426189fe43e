import AVKit
import NotesCore
import PocketKMS
import SwiftUI
import UniformTypeIdentifiers

/// A video that is a message: it plays, and is searched, without a decrypted file.
struct VideoView: View {
    let notebook: Notebook
    let note: UUID
    let name: String
    @State private var player: AVPlayer?
    @State private var loader: MessageResourceLoader? // AVFoundation does not keep it

    var body: some View {
        VideoPlayer(player: player)
            .navigationTitle(name)
            .onAppear {
                let (notebook, note, name) = (notebook, note, name)
                let type = UTType(filenameExtension: (name as NSString).pathExtension) ?? .movie
                let loader = MessageResourceLoader(contentType: type.identifier) { try notebook.open(name, of: note) }
                self.loader = loader
                player = AVPlayer(playerItem: AVPlayerItem(asset: loader.asset()))
            }
            .onDisappear {
                player?.pause()
                (player, loader) = (nil, nil)
            }
    }
}
