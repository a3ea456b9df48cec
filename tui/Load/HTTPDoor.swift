import NIOCore

/// The clients of the HTTP door: each on a connection of its own.
struct HTTPDoor: LoadDoor {
    let plan: LoadPlan
    let host: String
    let port: Int

    func bring(_ arrivals: Arrivals, _ tally: LoadTally) async {
        let pace = pace()
        let request = OrderRequest(plan, host: "\(host):\(port)")
        await withTaskGroup { group in
            for _ in 0..<plan.clients {
                group.addTask {
                    await keepConnected(arrivals) {
                        try await connect(pace, host: host, port: port) { pipeline, pacer in
                            try pipeline.addHandler(
                                OrderCaller(
                                    plan, request, arrivals: arrivals, tally: tally, pacer: pacer))
                        }
                    }
                }
            }
        }
    }
}
