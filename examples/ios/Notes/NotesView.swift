import NotesCore
import PocketKMS
import SwiftUI

struct NotesView: View {
    let notebook: Notebook
    @EnvironmentObject private var model: Model
    @State private var notes: [Note] = []

    var body: some View {
        NavigationStack {
            List {
                ForEach(notes) { note in NavigationLink(note.title, value: note) }
                    .onDelete { rows in Task { await delete(rows) } }
            }
            .navigationTitle("Notes")
            .navigationDestination(for: Note.self) { NoteView(notebook: notebook, note: $0) }
            .toolbar {
                Button("New", systemImage: "square.and.pencil") { Task { await add() } }
                Button("New key", systemImage: "key") { Task { await rotate() } }
            }
            .task { await load() }
        }
    }

    private func load() async { await model.attempt { notes = try await notebook.notes() } }

    private func add() async {
        await model.attempt {
            try await notebook.save(Note(title: "New note"))
            notes = try await notebook.notes()
        }
    }

    private func delete(_ rows: IndexSet) async {
        await model.attempt {
            for row in rows { try notebook.delete(notes[row].id) }
            notes = try await notebook.notes()
        }
    }

    private func rotate() async {
        await model.attempt {
            let notebook = notebook
            try await Blocking.run { try notebook.rotate() }
            try await notebook.rewrap()
        }
    }
}

struct NoteView: View {
    let notebook: Notebook
    @State var note: Note
    @EnvironmentObject private var model: Model
    @State private var attachments: [String] = []
    @State private var progress: Double?
    @State private var attaching: Task<Void, Never>?
    @State private var choosing = false

    var body: some View {
        Form {
            TextField("Title", text: $note.title)
            TextEditor(text: $note.text).frame(minHeight: 160)
            Section("Attachments") {
                ForEach(attachments, id: \.self) { name in
                    NavigationLink(name) { VideoView(notebook: notebook, note: note.id, name: name) }
                }
                if let progress {
                    HStack {
                        ProgressView(value: progress)
                        Button("Cancel") { attaching?.cancel() }
                    }
                } else {
                    Button("Add a video") { choosing = true }
                }
            }
        }
        .task { load() }
        .onDisappear {
            attaching?.cancel()
            Task { await model.attempt { try await notebook.save(note) } }
        }
        .fileImporter(isPresented: $choosing, allowedContentTypes: [.movie]) { chosen in
            guard let file = try? chosen.get() else { return }
            attaching = Task { await attach(file) }
        }
    }

    private func load() { attachments = (try? notebook.attachments(note.id)) ?? [] }

    private func attach(_ file: URL) async {
        let isScoped = file.startAccessingSecurityScopedResource()
        defer { if isScoped { file.stopAccessingSecurityScopedResource() } }
        await model.attempt {
            for try await step in try notebook.attach(file, to: note.id) { progress = Double(step.done) / Double(max(step.total, 1)) }
        }
        progress = nil
        load()
    }
}
