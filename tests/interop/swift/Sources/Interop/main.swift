// The Swift participant of the interop matrix; the protocol is in tests/interop/README.md.

import Foundation

let command = CommandLine.arguments.dropFirst().first
let files = CommandLine.arguments.dropFirst(2).map { URL(fileURLWithPath: $0) }
switch (command, files.count) {
case ("make", 1):
    try make(in: files[0])
case ("check", 2):
    try check(files[0], out: files[1])
default:
    FileHandle.standardError.write(Data("usage: make DIR | check DIR OUT\n".utf8))
    exit(1)
}
