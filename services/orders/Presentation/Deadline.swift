import GRPCCore
import NIOCore
import NIOPosix
import Synchronization

/// Gives `work` so much time for its answer.
///
/// When the time is over the caller has his answer at once; the work is cancelled and may go on for
/// as long as it cannot be undone, within its own deadlines: a task group would wait for it.
///
/// - Throws: `RPCError` DEADLINE_EXCEEDED, `CancellationError`, or what `work` throws.
func withDeadline<Answer: Sendable>(
    _ limit: Duration, _ work: @escaping @Sendable () async throws -> Answer
) async throws -> Answer {
    let answer = FirstAnswer<Answer>()
    let executor = withUnsafeCurrentTask { $0?.unownedTaskExecutor?.asTaskExecutor() }
    let worker = Task(executorPreference: executor) {
        do {
            answer.give(.success(try await work()))
        } catch {
            answer.give(.failure(error))
        }
    }
    // An event loop's timer: a task that sleeps would cost a call more than its work does.
    let timer = NIOSingletons.posixEventLoopGroup.any().scheduleTask(in: TimeAmount(limit)) {
        answer.give(.failure(OrderRPC.tooLate))
    }
    defer {
        worker.cancel()
        timer.cancel()
    }
    return try await withTaskCancellationHandler {
        try await answer.value()
    } onCancel: {
        answer.give(.failure(CancellationError()))
    }
}

/// Takes several answers and keeps the first, for one who waits.
private final class FirstAnswer<Answer: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Answer, any Error>)
        case given(Result<Answer, any Error>)
    }

    private let state = Mutex(State.open)

    func give(_ result: Result<Answer, any Error>) {
        let waiter: CheckedContinuation<Answer, any Error>? = state.withLock { state in
            switch state {
            case .given: return nil
            case .open:
                state = .given(result)
                return nil
            case .awaited(let waiter):
                state = .given(result)
                return waiter
            }
        }
        waiter?.resume(with: result)
    }

    func value() async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            let given: Result<Answer, any Error>? = state.withLock { state in
                if case .given(let result) = state { return result }
                state = .awaited(continuation)
                return nil
            }
            if let given { continuation.resume(with: given) }
        }
    }
}
