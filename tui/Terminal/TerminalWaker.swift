internal import CNCurses
internal import Glibc

/// Ends the main thread's wait from any thread.
package final class TerminalWaker: Sendable {
    let descriptor: Int32

    init?() {
        descriptor = cn_event_descriptor()
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    /// Makes ``TerminalBackend/events(upTo:)`` return, now or the next time; never blocks.
    package func wake() {
        var one: UInt64 = 1
        // A counter that is full is awake already.
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    func drain() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
    }
}
