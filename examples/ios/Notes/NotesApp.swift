import NotesCore
import PocketKMS
import SwiftUI

@main
struct NotesApp: App {
    @StateObject private var model = Model()
    @Environment(\.scenePhase) private var phase

    var body: some Scene {
        WindowGroup {
            Group {
                switch model.stage {
                case .closed: ProgressView().task { await model.begin() }
                case .welcome(let recoveryKey): WelcomeView(recoveryKey: recoveryKey)
                case .locked: LockedView()
                case .recovery: RecoveryView()
                case .open(let notebook): NotesView(notebook: notebook)
                }
            }
            .environmentObject(model)
            .alert("That did not work", isPresented: $model.hasFailed) {} message: { Text(model.failure ?? "") }
        }
        .onChange(of: phase) { phase in
            if phase == .background { model.lock() }
        }
    }
}

/// Which screen is shown, and the vault behind it.
@MainActor
final class Model: ObservableObject {
    enum Stage {
        case closed
        case welcome(recoveryKey: String)
        case locked
        case recovery
        case open(Notebook)
    }

    @Published private(set) var stage = Stage.closed
    @Published var hasFailed = false
    private(set) var failure: String?

    private let app: AppVault
    private let folder: URL
    private var vault: Vault?

    init() {
        let support = URL.applicationSupportDirectory
        folder = support.appending(path: "backed up/notes")
        do {
            app = try AppVault(
                device: support.appending(path: "device"), backedUp: support.appending(path: "backed up"),
                root: KeychainRootKey(authentication: .biometrics(reason: "Open your notes")))
        } catch { fatalError("no folder for the vault: \(error)") }
    }

    func begin() async {
        await attempt { [self] in
            let app = app
            switch try await Blocking.run({ try app.start() }) {
            case .new:
                let (vault, recoveryKey) = try await Blocking.run { try app.create() }
                try await show(vault)
                stage = .welcome(recoveryKey: recoveryKey)
            case .open: try await show(Blocking.run { try app.open() })
            case .recover: stage = .recovery
            }
        }
    }

    /// The recovery key was written down.
    func confirm() async { await attempt { [self] in if let vault { try await show(vault) } } }

    func recover(_ recoveryKey: String) async {
        let app = app
        await attempt { [self] in try await show(Blocking.run { try app.recover(recoveryKey) }) }
    }

    func lock() {
        guard let vault, case .open = stage else { return }
        vault.lock()
        stage = .locked
    }

    func unlock() async {
        guard let vault else { return }
        let app = app
        await attempt { [self] in
            try await Blocking.run { try app.unlock(vault) }
            try await show(vault)
        }
    }

    /// What fails is shown by its text, which is safe to show; a refused face or a locked device is no failure.
    func attempt(_ work: () async throws -> Void) async {
        do {
            try await work()
        } catch is CancellationError {
        } catch is RootKeyLostError {
            stage = .recovery
        } catch {
            if vault != nil { stage = .locked }
            failure = error.localizedDescription
            hasFailed = true
        }
    }

    private func show(_ vault: Vault) async throws {
        self.vault = vault
        let (app, folder) = (app, folder)
        stage = .open(try await Blocking.run {
            let notebook = try Notebook(vault: vault, folder: folder)
            try app.save(vault) // the key for the notes may be new
            return notebook
        })
    }
}

struct WelcomeView: View {
    let recoveryKey: String
    @EnvironmentObject private var model: Model

    var body: some View {
        VStack(spacing: 24) {
            Text("Write this down").font(.title)
            Text("It opens your notes on your next phone. It is shown this once.")
            Text(recoveryKey).font(.body.monospaced()).privacySensitive()
            Button("I have it on paper") { Task { await model.confirm() } }
        }
        .padding()
    }
}

struct LockedView: View {
    @EnvironmentObject private var model: Model

    var body: some View {
        Button("Open your notes") { Task { await model.unlock() } }
    }
}

struct RecoveryView: View {
    @EnvironmentObject private var model: Model
    @State private var recoveryKey = ""

    var body: some View {
        Form {
            Text("This phone has no key for your notes. Enter the recovery key that you wrote down.")
            SecureField("Recovery key", text: $recoveryKey)
            Button("Open") { Task { await model.recover(recoveryKey) } }.disabled(recoveryKey.isEmpty)
        }
    }
}
