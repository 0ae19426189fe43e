import Foundation
import NotesCore
import PocketKMS
import XCTest

/// The app without its screens: notes, attachments and a video, rotation, the background, another phone.
final class NotesTests: XCTestCase {
    private var home = URL(fileURLWithPath: "/")

    override func setUpWithError() throws {
        home = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    }

    override func tearDownWithError() throws { try FileManager.default.removeItem(at: home) }

    private func app(_ device: MemoryKeychain, _ name: String = "device") throws -> AppVault {
        let root = KeychainRootKey(authentication: .biometrics(reason: "Open your notes"), keychain: device)
        return try AppVault(device: home.appendingPathComponent(name), backedUp: home.appendingPathComponent("backed up"), root: root)
    }

    private func notebook(_ vault: Vault) throws -> Notebook {
        try Notebook(vault: vault, folder: home.appendingPathComponent("backed up/notes"))
    }

    private func attach(_ name: String, _ content: Data, to id: UUID, in notebook: Notebook) async throws {
        let file = home.appendingPathComponent(name)
        try content.write(to: file)
        for try await _ in try notebook.attach(file, to: id) {}
        try FileManager.default.removeItem(at: file)
    }

    private let video = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 5) })

    func testNotes() async throws {
        let app = try app(MemoryKeychain())
        XCTAssertEqual(try app.start(), .new)
        let notebook = try notebook(app.create().vault)
        var note = Note(title: "Milk", text: "two litres")
        try await notebook.save(note)
        try await notebook.save(Note(title: "Bread"))
        note.text = "three litres"
        try await notebook.save(note)
        let titles = try await notebook.notes().map(\.title)
        XCTAssertEqual(titles, ["Bread", "Milk"])
        let read = try await notebook.note(note.id)
        XCTAssertEqual(read, note)
        // Nothing readable is on the disk.
        let files = FileManager.default.enumerator(at: home, includingPropertiesForKeys: nil)!.compactMap { $0 as? URL }
        for file in files { XCTAssertNil((try? Data(contentsOf: file))?.range(of: Data("litres".utf8)), file.path) }
        try notebook.delete(note.id)
        let left = try await notebook.notes().count
        XCTAssertEqual(left, 1)

        // The next start.
        XCTAssertEqual(try app.start(), .open)
        let again = try await self.notebook(app.open()).notes().map(\.title)
        XCTAssertEqual(again, ["Bread"])
    }

    func testAVideo() async throws {
        let notebook = try notebook(app(MemoryKeychain()).create().vault), note = Note(title: "Holiday")
        try await notebook.save(note)
        try await attach("beach.mp4", video, to: note.id, in: notebook)
        XCTAssertEqual(try notebook.attachments(note.id), ["beach.mp4"])
        let reader = try notebook.open("beach.mp4", of: note.id) // what a player reads
        XCTAssertEqual(try reader.length(), 3_000_000)
        XCTAssertEqual(try reader.read(2_000_000..<2_004_096), video[2_000_000..<2_004_096])
        let shared = home.appendingPathComponent("shared.mp4")
        try await notebook.export("beach.mp4", of: note.id, to: shared)
        XCTAssertEqual(try Data(contentsOf: shared), video)
    }

    func testAnAttachmentThatIsGivenUp() async throws {
        let notebook = try notebook(app(MemoryKeychain()).create().vault), note = Note(title: "Holiday")
        try await notebook.save(note)
        let file = home.appendingPathComponent("large.mp4")
        try Data(count: 50_000_000).write(to: file)
        let result = await Task {
            for try await _ in try notebook.attach(file, to: note.id) { withUnsafeCurrentTask { $0!.cancel() } }
        }.result
        XCTAssertThrowsError(try result.get()) { XCTAssertTrue($0 is CancellationError, "\($0)") }
        XCTAssertEqual(try notebook.attachments(note.id), [])
    }

    func testFilesThatChangedPlaces() async throws {
        let notebook = try notebook(app(MemoryKeychain()).create().vault), notes = [Note(title: "a"), Note(title: "b")]
        for note in notes {
            try await notebook.save(note)
            try await attach("photo", Data(note.title.utf8), to: note.id, in: notebook)
        }
        for suffix in ["note", "attachments/photo.message"] {
            let places = notes.map { home.appendingPathComponent("backed up/notes/\($0.id.uuidString).\(suffix)") }
            let (one, other) = (places[0], places[1])
            try FileManager.default.removeItem(at: one)
            try FileManager.default.copyItem(at: other, to: one)
        }
        do {
            _ = try await notebook.note(notes[0].id)
            XCTFail("another note was read")
        } catch { XCTAssertTrue(error is MisplacedError, "\(error)") }
        XCTAssertThrowsError(try notebook.open("photo", of: notes[0].id)) { XCTAssertTrue($0 is MisplacedError) }
        XCTAssertNoThrow(try notebook.open("photo", of: notes[1].id))
    }

    func testRotation() async throws {
        let app = try app(MemoryKeychain()), vault = try app.create().vault
        let notebook = try notebook(vault), note = Note(title: "Milk")
        try await notebook.save(note)
        try await attach("photo", video, to: note.id, in: notebook)
        try notebook.rotate()
        let before = try await notebook.note(note.id)
        XCTAssertEqual(before, note, "what was encrypted before is read as before")
        let report = try await notebook.rewrap()
        XCTAssertEqual([report.rewrapped, report.failed], [2, 0])
        let again = try await notebook.rewrap()
        XCTAssertEqual([again.rewrapped, again.failed], [0, 0])
        let after = try await notebook.note(note.id)
        XCTAssertEqual(after, note)
        XCTAssertEqual(try notebook.open("photo", of: note.id).read(0..<10), video.prefix(10))
    }

    func testInTheBackground() async throws {
        let device = MemoryKeychain(), app = try app(device), vault = try app.create().vault
        let notebook = try notebook(vault), note = Note(title: "Milk")
        try await notebook.save(note)
        notebook.lock()
        do {
            _ = try await notebook.note(note.id)
            XCTFail("the vault is locked")
        } catch { XCTAssertEqual((error as? any PocketKMSError)?.category, .authenticate, "\(error)") }
        device.setLocked(true)
        XCTAssertThrowsError(try app.unlock(vault)) { XCTAssertTrue($0 is KeychainLockedError, "\($0)") }
        device.setLocked(false)
        try app.unlock(vault)
        let read = try await notebook.note(note.id)
        XCTAssertEqual(read, note)
    }

    func testAnotherPhoneAndAnotherFace() async throws {
        let old = MemoryKeychain()
        let (vault, recoveryKey) = try app(old, "old phone").create()
        let first = try notebook(vault), note = Note(title: "Milk")
        try app(old, "old phone").save(vault) // the key for the notes was made
        try await first.save(note)
        try await attach("beach.mp4", video, to: note.id, in: first)
        vault.close()

        let phone = MemoryKeychain(), app = try app(phone, "new phone") // the backup has what is backed up, and nothing else
        XCTAssertEqual(try app.start(), .recover)
        XCTAssertThrowsError(try app.open())
        XCTAssertThrowsError(try app.recover("no recovery key"))
        let recovered = try app.recover(recoveryKey)
        let read = try await notebook(recovered).note(note.id)
        XCTAssertEqual(read, note)
        recovered.close()
        XCTAssertEqual(try app.start(), .open)
        let opened = try app.open()
        XCTAssertEqual(try notebook(opened).open("beach.mp4", of: note.id).length(), 3_000_000)
        opened.close()

        phone.enroll()
        XCTAssertEqual(try app.start(), .recover)
        XCTAssertThrowsError(try app.open()) { XCTAssertEqual(($0 as? RootKeyLostError)?.reason, .invalidated) }
        let renewed = try await notebook(app.recover(recoveryKey)).note(note.id)
        XCTAssertEqual(renewed, note)
        XCTAssertEqual(try app.start(), .open)
    }
}
