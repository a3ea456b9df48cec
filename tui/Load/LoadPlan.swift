package import SharedKernel

/// What load to bring to a gateway, and for how long.
package struct LoadPlan: Sendable, Equatable {
    /// The way that orders go in.
    package enum Door: String, Sendable, CaseIterable {
        /// `POST /orders` at the gateway.
        case http
        /// `CreateOrder` at Orders, which the gateway does not offer.
        case grpc
    }

    /// The gateway, `http://host:port`: where accounts are made and orders followed, at either
    /// door.
    package var gateway: String
    /// Sent as a bearer token; nil sends none.
    package var token: String?
    package var door = Door.http
    /// Orders' gRPC address, for that door.
    package var rpcHost = "127.0.0.1"
    /// Orders' gRPC port, for that door.
    package var rpcPort = 50_051
    /// Orders a second, due at even times whether or not answers come: an open loop. Nil sends the
    /// next when the last one is answered.
    package var rate: Double?
    /// How long orders are sent.
    package var duration = Duration.seconds(10)
    /// How long a few orders a second are brought afterwards, to see how soon the shop is calm
    /// again; nil for not at all.
    package var calm: Duration?
    /// How many orders may be under way, each on a connection of its own (gRPC: on a stream).
    package var clients = 32
    /// How many accounts the orders are spread over, in turn.
    package var accounts = 1_000
    /// The price of each order.
    package var amount = Money(minorUnits: 125)
    /// From a request to its answer; a connection without one is given up.
    package var deadline = Duration.seconds(10)
    /// How long accepted orders may take to end after the last was sent.
    package var settling = Duration.seconds(60)
    /// Begins the accounts' names, so that runs do not share any unless they mean to.
    package var accountPrefix = "load"

    /// A plan with moderate defaults.
    package init(gateway: String) { self.gateway = gateway }

    /// The account of an order.
    ///
    /// - Parameter order: counted from 0.
    package func account(of order: Int) -> String { "\(accountPrefix)-\(order % accounts)" }

    /// What is brought afterwards: a few orders a second, by as many clients.
    var afterwards: LoadPlan? {
        guard let calm else { return nil }
        var plan = self
        plan.duration = calm
        plan.rate = 20
        plan.clients = 20
        return plan
    }

    /// How many orders fall due; nil where that depends on the answers.
    package var orders: Int? { rate.map { Int(($0 * (duration / .seconds(1))).rounded()) } }
}
