import NIOCore
import NIOPosix

/// A way to bring orders in.
protocol LoadDoor: Sendable {
    /// Sends every order that `arrivals` hands out and returns when the last has been answered or
    /// given up.
    func bring(_ arrivals: Arrivals, _ tally: LoadTally) async
}

extension LoadDoor {
    /// The one loop of a door, for its pacer. One thread is enough for some ten thousand orders a
    /// second, and leaves the rest of the machine to those who carry them.
    func pace() -> NIOLoopBoundBox<Pacer?> {
        .makeEmptyBox(eventLoop: NIOSingletons.posixEventLoopGroup.next())
    }

    /// Keeps a connection until the orders are over: where one breaks, the next is opened after a
    /// pause that grows up to two seconds.
    func keepConnected(
        _ arrivals: Arrivals, _ connect: () async throws -> any Channel
    ) async {
        var pause = Duration.milliseconds(50)
        while !Task.isCancelled, !arrivals.areOver(at: .now) {
            let began = ContinuousClock.now
            if let channel = try? await connect() {
                await withTaskCancellationHandler {
                    try? await channel.closeFuture.get()
                } onCancel: {
                    channel.close(promise: nil)
                }
                if began.duration(to: .now) > .seconds(1) { pause = .milliseconds(50) }
            }
            guard !arrivals.areOver(at: .now) else { return }
            try? await Task.sleep(for: pause * Double.random(in: 0.5...1))
            pause = min(pause * 2, .seconds(2))
        }
    }

    /// Connects a client to the door.
    ///
    /// - Parameters:
    ///   - pace: where the loop's pacer is, or is put.
    ///   - prepare: puts the handlers into the connection's pipeline.
    func connect(
        _ pace: NIOLoopBoundBox<Pacer?>, host: String, port: Int,
        _ prepare: @escaping @Sendable (ChannelPipeline.SynchronousOperations, Pacer) throws -> Void
    ) async throws -> any Channel {
        try await ClientBootstrap(group: pace.eventLoop)
            .channelOption(.socketOption(.so_reuseaddr), value: 1)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(.seconds(5))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pacer = pace.value ?? Pacer(pace.eventLoop)
                    pace.value = pacer
                    try prepare(channel.pipeline.syncOperations, pacer)
                }
            }
            .connect(host: host, port: port).get()
    }
}
