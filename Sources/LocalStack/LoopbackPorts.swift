/// One thing that listens on loopback, and the port it has unless somebody else has it.
package enum PortUse: String, Sendable, CaseIterable, Codable, CodingKeyRepresentable {
    case postgres, broker
    case brokerTLS = "broker-tls"
    case brokerDistribution = "broker-distribution"
    case epmd, gateway, orders, payments
    case ordersRPC = "orders-grpc"

    /// Away from Debian's own services (5432, 5672, 25672, 4369); the daemons' are the contract's.
    package var preferred: Int {
        switch self {
        case .postgres: 54_320
        case .broker: 56_720
        case .brokerTLS: 56_719
        case .brokerDistribution: 56_721
        case .epmd: 43_690
        case .gateway: 8_000
        case .orders: 8_001
        case .payments: 8_002
        case .ordersRPC: 50_051
        }
    }
}

/// Which port each part of the stack listens on.
package struct PortPlan: Sendable, Equatable, Codable {
    package private(set) var ports: [PortUse: Int] = [:]

    /// The port of `use`; 0 where the plan has none, which no server can be reached on.
    package subscript(use: PortUse) -> Int { ports[use] ?? 0 }

    /// Takes the preferred port where it is free, otherwise a free one above it that no other use
    /// prefers.
    ///
    /// - Throws: ``StackError`` when the 200 ports above a preferred one are all taken.
    package static func choose(
        for uses: [PortUse] = PortUse.allCases, isFree: (Int) -> Bool
    ) throws -> PortPlan {
        let preferred = Set(PortUse.allCases.map(\.preferred))
        return try plan(uses) { use, taken in
            (use.preferred..<use.preferred + 200).first { port in
                (port == use.preferred || !preferred.contains(port))
                    && !taken.contains(port) && isFree(port)
            }
        }
    }

    /// Takes free ports in no order and claims them, so that stacks started side by side do not
    /// meet.
    ///
    /// - Throws: ``StackError`` when 200 random ones are all taken.
    package static func scattered(for uses: [PortUse] = PortUse.allCases) throws -> PortPlan {
        try plan(uses) { _, _ in
            for _ in 0..<200 {
                // Below the ephemeral range, whose ports any outgoing connection may take
                // meanwhile.
                let port = Int.random(in: 20_000..<32_000)
                if FreePort.isFree(port), PortClaims.claim(port) { return port }
            }
            return nil
        }
    }

    private static func plan(
        _ uses: [PortUse], _ pick: (PortUse, _ taken: Set<Int>) -> Int?
    ) throws -> PortPlan {
        var plan = PortPlan()
        for use in uses {
            guard let port = pick(use, Set(plan.ports.values)) else {
                throw StackError("No free port on 127.0.0.1 for \(use.rawValue)")
            }
            plan.ports[use] = port
        }
        return plan
    }
}
