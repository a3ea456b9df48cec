import NIOCore
import NIOPosix

/// The clients of the HTTP door: each on a connection of its own, which is opened again when it
/// breaks.
struct HTTPDoor: LoadDoor {
    let plan: LoadPlan
    let host: String
    let port: Int

    func bring(_ arrivals: Arrivals, _ tally: LoadTally) async {
        // One thread is enough for some ten thousand orders a second, and leaves the rest of the
        // machine to those who carry them.
        let loop = NIOSingletons.posixEventLoopGroup.next()
        let request = OrderRequest(plan, host: "\(host):\(port)")
        await withTaskGroup { group in
            for _ in 0..<plan.clients {
                group.addTask { await keepCalling(on: loop, request, arrivals, tally) }
            }
        }
    }

    private func keepCalling(
        on loop: any EventLoop, _ request: OrderRequest, _ arrivals: Arrivals,
        _ tally: LoadTally
    ) async {
        var pause = Duration.milliseconds(50)
        while !Task.isCancelled, !arrivals.areOver(at: .now) {
            let began = ContinuousClock.now
            if let channel = try? await connect(on: loop, request, arrivals, tally) {
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

    private func connect(
        on loop: any EventLoop, _ request: OrderRequest, _ arrivals: Arrivals,
        _ tally: LoadTally
    ) async throws -> any Channel {
        try await ClientBootstrap(group: loop)
            .channelOption(.socketOption(.so_reuseaddr), value: 1)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(.seconds(5))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        OrderCaller(plan, request, arrivals: arrivals, tally: tally))
                }
            }
            .connect(host: host, port: port).get()
    }
}
