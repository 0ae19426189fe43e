import Foundation
import PocketKMS

/// A note.
public struct Note: Codable, Identifiable, Hashable, Sendable {
    public let id: UUID
    public var title: String
    public var text: String

    public init(id: UUID = UUID(), title: String, text: String = "") {
        (self.id, self.title, self.text) = (id, title, text)
    }
}

/// Notes in a folder, each a message of its own, with its attachments, which are files of any size. What is in the folder may go into any backup:
/// the keys are in the vault.
///
/// Each message is bound to the note that it belongs to by its encryption context: one that was put in another's place does not open.
public final class Notebook: Sendable {
    private static let alias = "alias/notes"

    private let vault: Vault
    private let kms: Kms
    private let keyring: Keyring
    private let folder: URL
    private let client = EncryptionClient()

    public init(vault: Vault, folder: URL) throws {
        (self.vault, self.folder) = (vault, folder)
        kms = try vault.client()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Self.makeKey(kms)
        keyring = Keyring.kms(kms: kms, generator: Self.alias)
        try removeAbandoned(in: folder) // what a killed app was writing
    }

    /// The key for the notes, if there is none. An extension of the app that came at the same time may have made it.
    private static func makeKey(_ kms: Kms) throws {
        do {
            _ = try kms.describeKey(request: DescribeKeyRequest(keyId: alias))
        } catch KmsError.NotFound {
            let key = try kms.createKey(request: CreateKeyRequest(description: "notes")).keyMetadata
            do {
                try kms.createAlias(request: CreateAliasRequest(aliasName: alias, targetKeyId: key.keyId))
            } catch KmsError.AlreadyExists {
                _ = try kms.scheduleKeyDeletion(request: ScheduleKeyDeletionRequest(keyId: key.keyId, pendingWindowInDays: 7))
            }
        }
    }

    // MARK: Notes

    public func notes() async throws -> [Note] {
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        var notes: [Note] = []
        for file in files where file.pathExtension == "note" {
            guard let id = UUID(uuidString: file.deletingPathExtension().lastPathComponent) else { continue }
            notes.append(try await note(id))
        }
        return notes.sorted { $0.title < $1.title }
    }

    public func note(_ id: UUID) async throws -> Note {
        let decrypted = try await client.async().decrypt(keyring: keyring, message: Data(contentsOf: file(of: id)))
        try check(decrypted.encryptionContext, context(id))
        return try JSONDecoder().decode(Note.self, from: decrypted.plaintext)
    }

    public func save(_ note: Note) async throws {
        let message = try await client.async().encrypt(
            keyring: keyring, plaintext: JSONEncoder().encode(note), options: EncryptOptions(encryptionContext: context(note.id))
        ).message
        try message.write(to: file(of: note.id), options: .atomic)
    }

    public func delete(_ id: UUID) throws {
        try? FileManager.default.removeItem(at: attachments(of: id))
        try FileManager.default.removeItem(at: file(of: id))
    }

    // MARK: Attachments

    /// The names of what is attached to a note.
    public func attachments(_ id: UUID) throws -> [String] {
        guard FileManager.default.fileExists(atPath: attachments(of: id).path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: attachments(of: id).path)
            .filter { $0.hasSuffix(".message") }.map { String($0.dropLast(8)) }.sorted()
    }

    /// Encrypts a file into the note's folder, as a sequence of how far it is. A cancelled task leaves nothing there. Large frames: a player asks
    /// for fewer of them.
    public func attach(_ source: URL, to id: UUID) throws -> AsyncEncryptionClient.FileWork {
        try FileManager.default.createDirectory(at: attachments(of: id), withIntermediateDirectories: true)
        let name = source.lastPathComponent
        return client.async().encryptingFile(
            at: source, to: message(name, of: id), keyring: keyring,
            options: EncryptOptions(encryptionContext: context(id, name), frameLength: 65_536))
    }

    /// A video or anything else that is read in places, without a decrypted file.
    public func open(_ name: String, of id: UUID) throws -> RandomAccessReader {
        let reader = try client.randomAccess(at: message(name, of: id), keyring: keyring)
        try check(reader.encryptionContext, context(id, name))
        return reader
    }

    /// A decrypted copy to share.
    public func export(_ name: String, of id: UUID, to destination: URL) async throws {
        try check(try open(name, of: id).encryptionContext, context(id, name))
        try await client.async().decryptFile(at: message(name, of: id), to: destination, keyring: keyring)
    }

    // MARK: Keys

    /// New key material for all that is encrypted from now on, after a device was lost, say. `rewrap` brings what there is to it.
    public func rotate() throws {
        let key = try kms.describeKey(request: DescribeKeyRequest(keyId: Self.alias)).keyMetadata
        _ = try kms.rotateKeyOnDemand(request: RotateKeyOnDemandRequest(keyId: key.keyId))
    }

    /// Moves every message to the newest material, without its body. What is done already is passed over.
    @discardableResult
    public func rewrap(progress: (@Sendable (RewrappedFile) throws -> Void)? = nil) async throws -> RewrapReport {
        try await RewrapBatch(client: client, source: keyring, destination: keyring).async().directory(folder, progress: progress)
    }

    /// When the app goes into the background.
    public func lock() { vault.lock() }

    // MARK: Places and contexts

    private func file(of id: UUID) -> URL { folder.appendingPathComponent("\(id.uuidString).note") }

    private func attachments(of id: UUID) -> URL { folder.appendingPathComponent("\(id.uuidString).attachments") }

    private func message(_ name: String, of id: UUID) -> URL { attachments(of: id).appendingPathComponent("\(name).message") }

    private func context(_ id: UUID, _ attachment: String? = nil) -> [String: String] {
        var context = ["note": id.uuidString]
        context["attachment"] = attachment
        return context
    }

    private func check(_ found: [String: String], _ expected: [String: String]) throws {
        guard found == expected else { throw MisplacedError() }
    }
}

/// A message that was put where another one belongs.
public struct MisplacedError: LocalizedError {
    public var errorDescription: String? { "this file belongs to another note" }
}
