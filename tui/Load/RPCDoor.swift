import NIOCore
import NIOHTTP2

/// The clients of the gRPC door: streams, up to 100 on a connection.
struct RPCDoor: LoadDoor {
    let plan: LoadPlan
    /// As many as Orders allows.
    private static let streams = 100

    func bring(_ arrivals: Arrivals, _ tally: LoadTally) async {
        let pace = pace()
        await withTaskGroup { group in
            for first in stride(from: 0, to: plan.clients, by: Self.streams) {
                let count = min(Self.streams, plan.clients - first)
                group.addTask {
                    await keepConnected(arrivals) {
                        try await connect(pace, host: plan.rpcHost, port: plan.rpcPort) {
                            // Orders' answers are measured here, not held to their form.
                            try $0.addHandler(
                                NIOHTTP2Handler(
                                    mode: .client, headerBlockValidation: .disabled,
                                    contentLengthValidation: .disabled))
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
