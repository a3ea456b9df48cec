import NIOCore
import NIOHTTP2

/// The clients of the gRPC door: streams, up to 64 on a connection.
struct RPCDoor: LoadDoor {
    let plan: LoadPlan
    /// As many as Orders allows.
    private static let streams = 64

    func bring(_ arrivals: Arrivals, _ tally: LoadTally) async {
        let pace = pace()
        await withTaskGroup { group in
            for first in stride(from: 0, to: plan.clients, by: Self.streams) {
                let count = min(Self.streams, plan.clients - first)
                group.addTask {
                    await keepConnected(arrivals) {
                        try await connect(pace, host: plan.rpcHost, port: plan.rpcPort) {
                            try $0.addHandler(NIOHTTP2Handler(mode: .client))
                            try $0.addHandler(
                                RPCCaller(
                                    plan, clients: count, arrivals: arrivals, tally: tally,
                                    pacer: $1))
                        }
                    }
                }
            }
        }
    }
}
