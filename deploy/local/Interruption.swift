// DispatchSource is safe to use from any thread, but not marked so on Linux.
@preconcurrency import Dispatch
import Foundation
import Glibc

/// What asks a foreground command to end.
enum Interruption {
    /// Ends with the first SIGINT, SIGTERM or SIGHUP; catches them from the call on.
    static func signals() -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(number) }
            source.activate()
            return source
        }
        continuation.onTermination = { _ in sources.forEach { $0.cancel() } }
        return stream
    }

    /// The lines of standard input; ends when it is closed.
    static func inputLines() -> AsyncStream<String> {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        // readLine blocks for as long as the other end likes: a thread of its own.
        Thread.detachNewThread {
            while let line = readLine() { continuation.yield(line) }
            continuation.finish()
        }
        return stream
    }
}
