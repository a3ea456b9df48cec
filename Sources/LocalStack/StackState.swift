import Foundation
import Glibc
import Synchronization

/// What a supervisor lets others know, in the file ``StackFolder/state``. Holds passwords: mode
/// 0600.
package struct StackState: Sendable, Codable {
    /// How far the stack is.
    package enum Phase: String, Sendable, Codable { case starting, ready, stopping, failed }

    package var phase = Phase.starting
    package let supervisor: ProcessIdentity
    package let serverPath: String
    /// What it has done and found so far, one line each, for whoever watches the start.
    package var notes: [String] = []
    /// Why it failed.
    package var failure: String?
    /// In the order in which they are started.
    package var processes: [ProcessRecord] = []
    package var addresses = StackAddresses()

    /// The state that the last supervisor of the folder wrote; `nil` when there was none.
    package static func read(_ folder: StackFolder) -> StackState? {
        guard let text = Disk.read(folder.state) else { return nil }
        return try? JSONDecoder().decode(StackState.self, from: Data(text.utf8))
    }

    package var isSupervised: Bool { supervisor.isRunning }
}

/// Holds the state and writes every change of it to the file, for as long as the stack lives.
final class StateFile: Sendable {
    private let path: String
    private let state: Mutex<StackState>

    init(_ state: StackState, path: String) {
        self.path = path
        self.state = Mutex(state)
    }

    var current: StackState { state.withLock { $0 } }

    func update(_ change: (inout StackState) -> Void) {
        state.withLock { state in
            change(&state)
            // Readers then see an older state; the stack itself does not depend on the file.
            guard let data = try? JSONEncoder().encode(state) else { return }
            try? Disk.write(String(decoding: data, as: UTF8.self), to: path)
        }
    }

    func update(_ record: ProcessRecord) {
        update { state in
            if let index = state.processes.firstIndex(where: { $0.name == record.name }) {
                state.processes[index] = record
            } else {
                state.processes.append(record)
                // Servers start side by side; people and a late clean-up want one order.
                state.processes.sort {
                    Stack.startOrder.firstIndex(of: $0.name) ?? 0
                        < Stack.startOrder.firstIndex(of: $1.name) ?? 0
                }
            }
        }
    }
}

/// One supervisor a folder: the kernel drops the lock when its holder dies, however that happens.
final class FolderLock: Sendable {
    private let descriptor: Int32

    init(_ folder: StackFolder) throws {
        descriptor = open(folder.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StackError("Could not open \(folder.lock)") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw StackError("Another kassa-stack is at work in \(folder.path)")
        }
    }

    deinit { close(descriptor) }
}
