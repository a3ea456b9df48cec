/// The three daemons: their names, ports and environment.
package enum Daemon: String, Sendable, CaseIterable {
    case orders, payments, gateway

    /// The executable's name.
    package var program: String { "kassa-\(rawValue)" }

    /// What its HTTP port is called among the stack's ports.
    package var port: PortUse {
        switch self {
        case .orders: .orders
        case .payments: .payments
        case .gateway: .gateway
        }
    }

    /// The environment of the daemon: the caller's, so that log levels and profiles reach it, with
    /// what the stack decides on top.
    ///
    /// - Parameter swaggerUI: the folder of Swagger UI's files, unless the caller names another.
    package func environment(
        inheriting caller: [String: String], addresses: StackAddresses, ports: PortPlan,
        swaggerUI: String? = nil, security: StackSecurity? = nil
    ) -> [String: String] {
        var environment = caller
        for key in ServerChoice.variables { environment[key] = nil }
        environment["HTTP_HOST"] = "127.0.0.1"
        environment["HTTP_PORT"] = "\(ports[port])"
        switch self {
        case .orders:
            environment["DATABASE_URL"] = addresses.ordersDatabase
            environment["BROKER_URL"] = addresses.ordersBroker ?? addresses.broker
            if addresses.ordersBroker != nil {
                environment["TRUSTED_PUBLISHER"] = BrokerUsers.payments
            }
            environment["GRPC_PORT"] = "\(ports[.ordersRPC])"
        case .payments:
            environment["DATABASE_URL"] = addresses.paymentsDatabase
            environment["BROKER_URL"] = addresses.paymentsBroker ?? addresses.broker
            if addresses.paymentsBroker != nil {
                environment["TRUSTED_PUBLISHER"] = BrokerUsers.orders
            }
        case .gateway:
            environment["ORDER_SERVICE_URL"] = addresses.orders
            environment["PAYMENT_SERVICE_URL"] = addresses.payments
            environment["ORDER_SERVICE_GRPC"] = addresses.ordersRPC
            environment["DOCS_DIRECTORY"] = caller["DOCS_DIRECTORY"] ?? swaggerUI
        }
        return environment.merging(security?.environment(of: self) ?? [:]) { $1 }
    }

    /// The folder that `deploy/swagger-ui` fills: in the build's folder, some steps above the
    /// programs'; nil where it was not run.
    static func swaggerUI(near programs: String) -> String? {
        var parts = programs.split(separator: "/")
        for _ in 0..<4 where !parts.isEmpty {
            let folder = "/" + (parts + ["swagger-ui"]).joined(separator: "/")
            if Disk.exists(folder) { return folder }
            parts.removeLast()
        }
        return nil
    }
}
