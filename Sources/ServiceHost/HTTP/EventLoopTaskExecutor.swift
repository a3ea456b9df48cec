import NIOCore
import NIOPosix

/// Runs a connection's tasks on the event loop that the connection lives on.
///
/// On Swift's own threads each request would change threads at every step that waits: in, to the
/// database or to the next service, and out. Those threads' wake-ups cost more than what a request
/// does in between.
final class EventLoopTaskExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// Runs tasks on the event loops, each step on the loop that woke it: for a server whose tasks do
/// not tell which connection they belong to.
package final class EventLoopGroupTaskExecutor: TaskExecutor {
    /// That of the daemon's doors.
    package static let doors = EventLoopGroupTaskExecutor(.singletonMultiThreadedEventLoopGroup)

    private let group: any EventLoopGroup

    private init(_ group: any EventLoopGroup) { self.group = group }

    /// Called by Swift's runtime.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let eventLoop = MultiThreadedEventLoopGroup.currentEventLoop ?? group.next()
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
