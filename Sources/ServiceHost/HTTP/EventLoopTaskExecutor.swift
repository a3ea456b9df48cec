import NIOCore

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
