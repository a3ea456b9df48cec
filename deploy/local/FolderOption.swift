import ArgumentParser
import Foundation
import LocalStack

/// `--dir`, which every command understands.
struct FolderOption: ParsableArguments {
    @Option(name: .customLong("dir"), help: "The stack's folder.")
    var directory = ".kassa"

    var path: String {
        let here = FileManager.default.currentDirectoryPath
        let absolute = directory.hasPrefix("/") ? directory : "\(here)/\(directory)"
        return URL(filePath: absolute, directoryHint: .notDirectory).standardizedFileURL
            .path(percentEncoded: false)
    }

    var folder: StackFolder { StackFolder(path: path) }

    /// The state of a stack whose supervisor lives, or an error that says what to do.
    func liveState() throws -> StackState {
        guard let state = StackState.read(folder), state.isSupervised else {
            throw Failure("Kassa is not up in \(path). Start it with: kassa-stack up")
        }
        return state
    }
}

/// What a command answers when it cannot do what was asked; printed after "Error: ".
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Writes a line at once, also into a pipe.
func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}
