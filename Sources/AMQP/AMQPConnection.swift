import CRabbitMQ
import Glibc
package import Logging
import PinnedThread
import Synchronization

/// One connection with one channel, on a thread of its own: everything librabbitmq does for it
/// happens there.
///
/// It either publishes or consumes: an alarmed broker reads nothing from a connection that
/// publishes, its acknowledgements included. The first failure ends it for good; whoever owns it
/// opens another. Frames are taken in as they arrive and heartbeats are sent between calls, so an
/// idle connection stays alive and a delivery waits for nobody.
package actor AMQPConnection {
    /// What the connection can do right now.
    package enum Status: Sendable, Equatable {
        case open
        /// The broker takes no messages: its alarm, in its words.
        case blocked(reason: String)
        case closed(AMQPError)
    }

    private let thread: PinnedThread
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        thread.asUnownedSerialExecutor()
    }

    /// Where it leads. Printing it shows no password.
    package nonisolated let url: BrokerURL
    /// Ends when the connection does, after the reason. For one reader.
    package nonisolated let termination: AsyncStream<AMQPError>
    let limits: AMQPLimits
    let logger: Logger
    private let terminated: AsyncStream<AMQPError>.Continuation
    let snapshot = Mutex(Status.open)
    private var library: LibraryState?
    var link: SupervisedSocket?
    private var supervisor: Task<Void, Never>?
    var assembler: ContentAssembler

    var publisher = PublisherState()
    var consumer = ConsumerState()

    private init(
        url: BrokerURL, name: String, limits: AMQPLimits, logger: Logger
    ) throws(AMQPError) {
        self.url = url
        self.limits = limits
        self.logger = logger
        assembler = ContentAssembler(bodyLimit: limits.body)
        do {
            thread = try PinnedThread(name: name)
        } catch {
            throw AMQPError(.unreachable, "\(error)")
        }
        (termination, terminated) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    deinit { supervisor?.cancel() }

    /// Connects, logs in and opens the channel, each within its deadline.
    ///
    /// - Parameter name: what the broker's list of connections and the thread show.
    /// - Throws: ``AMQPError``, without the password in it.
    package static func open(
        _ url: BrokerURL, name: String, limits: AMQPLimits = AMQPLimits(), logger: Logger
    ) async throws -> AMQPConnection {
        let connection = try AMQPConnection(url: url, name: name, limits: limits, logger: logger)
        try await connection.connect(name: name)
        return connection
    }

    /// What the connection can do, as last heard; asks nobody and never waits.
    package nonisolated var status: Status { snapshot.withLock { $0 } }

    /// Returns once the connection's thread has got round to it.
    package func turn() {}

    /// Says goodbye where the broker listens and ends the connection. Unacknowledged deliveries go
    /// back.
    ///
    /// Takes a second at most. Twice is harmless.
    package func close() {
        guard let library, let link else { return }
        // A blocked broker does not read the goodbye: there is nobody to wait for.
        if status == .open {
            setRequestDeadline(.seconds(1))
            _ = link.supervised(until: .now + .seconds(1)) {
                amqp_connection_close(library.pointer, AMQP_REPLY_SUCCESS)
            }
        }
        fail(AMQPError(.closed, "The connection was closed by this side."))
    }

    /// Declares a durable queue without arguments, so that old and new services can share it.
    ///
    /// - Throws: ``AMQPError`` `.preconditionFailed` when it exists with other properties.
    package func declareQueue(_ queue: String) throws {
        try request("declare queue \(queue)") { library in
            library.withBytes(queue) { name in
                amqp_queue_declare(library.pointer, 1, name, 0, 1, 0, 0, amqp_empty_table) != nil
            }
        }
    }

    /// How many consumers a queue has at the moment.
    ///
    /// - Throws: ``AMQPError`` `.notFound` when there is no such queue; the connection has ended.
    package func consumerCount(of queue: String) throws -> Int {
        var count = 0
        try request("look for queue \(queue)") { library in
            library.withBytes(queue) { name in
                guard
                    let answer = amqp_queue_declare(
                        library.pointer, 1, name, 1, 1, 0, 0, amqp_empty_table)
                else { return false }
                count = Int(answer.pointee.consumer_count)
                return true
            }
        }
        return count
    }

    // MARK: Connecting.

    private func connect(name: String) throws {
        guard let library = LibraryState() else {
            throw AMQPError(.unreachable, "No memory for a connection.")
        }
        let socket = try library.socket(for: url)
        self.library = library
        // A peer that is gone must be an error of one call, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        let place = "\(url.host):\(url.port)"
        var limit = timeval(limits.connect)
        let code = amqp_socket_open_noblock(socket, url.host, Int32(url.port), &limit)
        guard code == AMQP_STATUS_OK.rawValue,
            let link = SupervisedSocket(duplicating: amqp_get_sockfd(library.pointer))
        else {
            let words = String(cString: amqp_error_string2(code))
            let broker = url.certificateAuthority == nil ? "broker" : "broker that can be trusted"
            throw end(AMQPError(.unreachable, "No \(broker) answers at \(place): \(words)."))
        }
        self.link = link
        let interval = min(limits.request, limits.confirm) / 5
        supervisor = Task.detached { await link.supervise(every: interval) }
        amqp_set_handshake_timeout(library.pointer, &limit)
        setRequestDeadline(limits.request)
        let reply = link.supervised(until: .now + limits.connect) {
            rabbit_login(
                library.pointer, url.virtualHost, Int32(limits.heartbeat), url.user, url.password,
                name)
        }
        guard reply.reply_type == AMQP_RESPONSE_NORMAL else {
            throw end(loginError(reply, place: place))
        }
        try request("open a channel") { amqp_channel_open($0.pointer, 1) != nil }
        // The library sends heartbeats only inside calls: four looks in an interval are early
        // enough.
        let beat = Duration.milliseconds(Int(limits.heartbeat) * 250)
        thread.watch(link.descriptor, every: beat) { [weak self] in
            self?.assumeIsolated { $0.drain() }
        }
        logger.debug("Connected to the broker", metadata: ["broker": "\(url)"])
    }

    private func loginError(_ reply: amqp_rpc_reply_t, place: String) -> AMQPError {
        let error = AMQPError(reply, during: "Login at \(place)")
        guard error.code == .timedOut || error.code == .connectionLost else { return error }
        return AMQPError(.unreachable, error.message)
    }

    func setRequestDeadline(_ duration: Duration) {
        guard let library else { return }
        var limit = timeval(duration)
        amqp_set_rpc_timeout(library.pointer, &limit)
    }

    // MARK: What the publishing and the consuming half build on.

    /// The library's state, or the error that ended the connection.
    func live() throws -> (library: LibraryState, link: SupervisedSocket) {
        guard let library, let link else {
            guard case .closed(let error) = status else {
                throw AMQPError(.closed, "The connection is not open.")
            }
            throw error
        }
        return (library, link)
    }

    /// One question and its answer, on a blocking call that returns whether it went well.
    func request(_ action: String, _ ask: (LibraryState) -> Bool) throws {
        let (library, link) = try live()
        let isAnswered = link.supervised(until: .now + limits.request) { ask(library) }
        guard isAnswered else {
            throw end(AMQPError(amqp_get_rpc_reply(library.pointer), during: action))
        }
        // Frames that came before the answer wait inside the library, where no descriptor shows
        // them.
        drain()
    }

    /// One write without an answer. A status other than OK ends the connection.
    func send(_ action: String, within limit: Duration, _ write: (LibraryState) -> Int32) throws {
        let (library, link) = try live()
        let status = link.supervised(until: .now + limit) { write(library) }
        guard status == AMQP_STATUS_OK.rawValue else {
            throw end(AMQPError(status: status, during: action))
        }
    }

    /// Takes in every frame that has arrived, and sends a heartbeat when one is due. Never waits.
    func drain() {
        while receive(within: .zero) {}
    }

    /// Takes in one frame. False when none came within `limit` or the connection has ended.
    func receive(within limit: Duration) -> Bool {
        guard let library, let link else { return false }
        var frame = amqp_frame_t()
        var wait = timeval(limit)
        let status = link.supervised(until: .now + limit + limits.request) {
            amqp_simple_wait_frame_noblock(library.pointer, &frame, &wait)
        }
        guard status != AMQP_STATUS_TIMEOUT.rawValue else { return false }
        guard status == AMQP_STATUS_OK.rawValue else {
            end(AMQPError(status: status, during: "Receive"))
            return false
        }
        handle(frame, library)
        // Everything was copied; between two frames the library may reuse its memory.
        amqp_maybe_release_buffers(library.pointer)
        return self.library != nil
    }

    /// Ends the connection with `error`; gives back the error to throw, which tells of an overrun
    /// as such.
    @discardableResult
    func end(_ error: AMQPError) -> AMQPError {
        let isOverrun = link?.hasExpired == true && error.code == .connectionLost
        let reason =
            isOverrun ? AMQPError(.timedOut, "\(error.message) The deadline passed.") : error
        fail(reason)
        return reason
    }

    private func fail(_ error: AMQPError) {
        guard library != nil else { return }
        thread.unwatch()
        supervisor?.cancel()
        library = nil
        link = nil
        snapshot.withLock { $0 = .closed(error) }
        consumer.end(with: error)
        terminated.yield(error)
        terminated.finish()
    }
}

extension timeval {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = max(duration, .zero).components
        self.init(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    }
}
