import GRPCCore
import GRPCNIOTransportHTTP2Posix
import OrderServiceRPC
import SharedKernel
import SwiftProtobuf

/// The clients of the gRPC door: streams, up to 32 on a connection.
struct RPCDoor: LoadDoor {
    let plan: LoadPlan
    /// Orders allows 64 on a connection.
    private static let streams = 32

    func bring(_ arrivals: Arrivals, _ tally: LoadTally) async {
        await withTaskGroup { group in
            for first in stride(from: 0, to: plan.clients, by: Self.streams) {
                let count = min(Self.streams, plan.clients - first)
                group.addTask { await connection(of: count, arrivals, tally) }
            }
        }
    }

    private func connection(of count: Int, _ arrivals: Arrivals, _ tally: LoadTally) async {
        let opened = try? HTTP2ClientTransport.Posix(
            target: .dns(host: plan.rpcHost, port: plan.rpcPort), transportSecurity: .plaintext)
        guard let transport = opened else { return }
        try? await withGRPCClient(transport: transport) { client in
            let service = Orders_OrderService.Client(wrapping: client)
            await withTaskGroup { group in
                for _ in 0..<count {
                    group.addTask { await call(service, arrivals, tally) }
                }
            }
        }
    }

    private func call(
        _ service: Orders_OrderService.Client<HTTP2ClientTransport.Posix>,
        _ arrivals: Arrivals, _ tally: LoadTally
    ) async {
        var metadata = Metadata()
        if let token = plan.token { metadata.addString("Bearer \(token)", forKey: "authorization") }
        var options = CallOptions.defaults
        options.timeout = plan.deadline
        while let (order, due) = arrivals.take(at: .now), !Task.isCancelled {
            if due > .now {
                try? await Task.sleep(until: due, tolerance: .zero, clock: .continuous)
            }
            var request = Orders_CreateOrderRequest()
            request.userID = plan.account(of: order)
            request.amount = Double(plan.amount.minorUnits) / 100
            request.description_p = "load"
            let sent = ContinuousClock.now
            tally.send()
            do {
                let answer = try await service.createOrder(
                    request, metadata: metadata, options: options)
                let reply =
                    OrderID(answer.orderID).map { OrderReply.accepted($0) }
                    ?? .refused("OK without an id")
                tally.note(reply, due: due, sent: sent, at: .now)
            } catch let error as RPCError where !Self.isUnknown(error.code) {
                tally.note(.refused("\(error.code)"), due: due, sent: sent, at: .now)
                if plan.rate == nil {
                    try? await Task.sleep(for: .milliseconds(.random(in: 50...150)))
                }
            } catch {
                tally.noteUnanswered()
            }
        }
    }

    /// Whether the call may have been carried out all the same.
    private static func isUnknown(_ code: RPCError.Code) -> Bool {
        code == .deadlineExceeded || code == .cancelled || code == .unknown
    }
}
