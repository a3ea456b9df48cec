/// A room: a target, the folder it lives in, and what it may import.
struct Room: Sendable {
    let target: String
    let folder: String
    let imports: Set<String>

    init(_ target: String, _ folder: String, _ imports: Set<String>...) {
        self.target = target
        self.folder = folder
        self.imports = imports.reduce([]) { $0.union($1) }
    }
}

/// Who may import whom: the one table. docs/house.md has it in words.
enum HouseMap {
    static let rooms: [Room] = shared + orders + payments + gateway + screen + local

    /// Part of the language: open to every room.
    static let language: Set<String> = ["Swift", "Synchronization"]
    /// The platform: open to every room but the Domain and the Application of a service.
    static let platform: Set<String> = ["Dispatch", "Glibc"]
    /// Too much for a daemon; for the tools beside them.
    static let foundation: Set<String> = [
        "Foundation", "FoundationEssentials", "FoundationNetworking",
    ]
    /// Modules that reach a database or a broker: in a daemon, for `Composition.swift` alone.
    static let adapters: Set<String> = [
        "AMQP", "GatewayInfrastructure", "Idempotency", "MessagingLive", "OrdersInfrastructure",
        "PaymentsInfrastructure", "Postgres", "ServiceBackends",
    ]
    /// C, and the one room that may see each.
    static let wrapped = [
        "CAllocationCount": "MicroBench", "CLibPQ": "Postgres", "CNCurses": "KassaTerminal",
        "COpenSSL": "PinnedThread", "CRabbitMQ": "AMQP",
    ]

    /// The top folders that hold rooms.
    static let tops = ["Sources", "services", "tui", "deploy"]
    /// Rooms without Swift: C, or a module map over a C header.
    static let headers: Set<String> = [
        "Sources/CLibPQ", "Sources/CNCurses", "Sources/COpenSSL", "Sources/CRabbitMQ",
        "deploy/bench/micro/CAllocationCount",
    ]

    private static let observed: Set<String> = ["CoreMetrics", "Logging", "Metrics"]
    private static let http: Set<String> = [
        "HTTPTypes", "Hummingbird", "HummingbirdCore", "NIOCore", "NIOHTTP1", "NIOHTTPTypes",
        "NIOHTTPTypesHTTP1", "NIOPosix", "ServiceLifecycle",
    ]
    private static let tls: Set<String> = ["HummingbirdTLS", "NIOCertificateReloading", "NIOSSL"]
    private static let rpc: Set<String> = [
        "GRPCCore", "GRPCNIOTransportHTTP2Posix", "GRPCProtobuf", "OrderServiceRPC",
        "SwiftProtobuf",
    ]

    private static let shared = [
        Room("JSON", "Sources/JSON", []),
        Room("SharedKernel", "Sources/SharedKernel", ["Glibc", "JSON"]),
        Room("Access", "Sources/Access", ["Crypto"]),
        Room("Audit", "Sources/Audit", ["JSON", "SharedKernel"]),
        Room("PinnedThread", "Sources/PinnedThread", platform, ["COpenSSL"]),
        Room("Postgres", "Sources/Postgres", platform, ["CLibPQ", "Logging", "PinnedThread"]),
        Room(
            "AMQP", "Sources/AMQP", platform,
            ["CRabbitMQ", "Crypto", "Failpoint", "Logging", "PinnedThread"]),
        Room("Messaging", "Sources/Messaging", platform, observed, ["SharedKernel"]),
        Room(
            "MessagingLive", "Sources/MessagingLive", platform, observed,
            ["AMQP", "Failpoint", "JSON", "Messaging", "Postgres", "SharedKernel"]),
        Room("Failpoint", "Sources/Failpoint", ["Glibc"]),
        Room(
            "ParkedDoor", "Sources/ParkedDoor", http,
            ["Access", "JSON", "Messaging", "ServiceHost", "SharedKernel"]),
        Room("Idempotency", "Sources/Idempotency", ["Postgres", "SharedKernel"]),
        Room("OrderServiceRPC", "Sources/OrderServiceRPC", rpc),
        Room(
            "ServiceHost", "Sources/ServiceHost", platform, observed, http, tls,
            [
                "Access", "ArgumentParser", "JSON", "NIOExtras", "PinnedThread", "SharedKernel",
                "UnixSignals",
            ]),
        Room(
            "ServiceBackends", "Sources/ServiceBackends", platform, observed,
            [
                "ArgumentParser", "Idempotency", "Messaging", "MessagingLive", "PinnedThread",
                "Postgres", "ServiceHost", "ServiceLifecycle", "SharedKernel",
            ]),
        Room(
            "LocalStack", "Sources/LocalStack", platform, foundation,
            ["Access", "Crypto", "Logging", "Subprocess", "SystemPackage"]),
    ]

    private static let orders = service(
        "Orders",
        // The library's server over its own connections.
        presents: rpc.subtracting(["GRPCNIOTransportHTTP2Posix"])
            .union(["NIOExtras", "NIOHPACK", "NIOHTTP2", "NIOSSL", "NIOTLS"]))
    private static let payments = service("Payments", presents: [])

    private static func service(_ name: String, presents: Set<String>) -> [Room] {
        let folder = "services/\(name.lowercased())"
        let inside: Set<String> = ["\(name)Application", "\(name)Domain", "SharedKernel"]
        return [
            Room("\(name)Domain", "\(folder)/Domain", ["SharedKernel"]),
            Room("\(name)Application", "\(folder)/Application", ["\(name)Domain", "SharedKernel"]),
            Room(
                "\(name)Presentation", "\(folder)/Presentation", platform, observed, http, presents,
                inside, ["Access", "JSON", "Messaging", "ServiceHost"]),
            Room(
                "\(name)Infrastructure", "\(folder)/Infrastructure", platform, observed, inside,
                ["Failpoint", "Idempotency", "JSON", "Messaging", "MessagingLive", "Postgres"]),
            Room(
                "\(name)Daemon", "\(folder)/Daemon", platform, observed, inside,
                [
                    "ArgumentParser", "Idempotency", "Messaging", "MessagingLive", "ParkedDoor",
                    "Postgres", "ServiceBackends",
                    "ServiceHost", "\(name)Infrastructure", "\(name)Presentation",
                ]),
        ]
    }

    private static let gateway = [
        Room(
            "GatewayInfrastructure", "services/gateway/Infrastructure", platform, observed, http,
            rpc, ["Access", "AsyncHTTPClient", "JSON", "NIOSSL", "ServiceHost", "SharedKernel"]),
        Room(
            "GatewayPresentation", "services/gateway/Presentation", platform, observed, http, rpc,
            [
                "Access", "Audit", "Failpoint", "GatewayInfrastructure", "JSON", "ServiceHost",
                "SharedKernel",
            ]),
        Room(
            "GatewayDaemon", "services/gateway/Daemon", platform, observed,
            [
                "ArgumentParser", "GatewayInfrastructure", "GatewayPresentation", "ServiceHost",
                "ServiceLifecycle", "SharedKernel",
            ]),
    ]

    private static let screen = [
        Room("KassaModel", "tui/Model", []),
        Room("KassaView", "tui/View", ["KassaModel"]),
        Room(
            "KassaTerminal", "tui/Terminal", ["CNCurses", "Glibc", "KassaModel", "KassaView"]),
        Room(
            "KassaClient", "tui/Client", platform, http,
            ["AsyncHTTPClient", "JSON", "NIOSSL", "SharedKernel"]),
        Room(
            "KassaLoad", "tui/Load", platform,
            [
                "GRPCCore", "Histogram", "JSON", "KassaClient", "NIOCore", "NIOHPACK", "NIOHTTP2",
                "NIOPosix", "OrderServiceRPC", "SharedKernel", "SwiftProtobuf",
            ]),
        Room(
            "KassaApp", "tui/App", platform, foundation,
            [
                "Access", "ArgumentParser", "Audit", "JSON", "KassaClient", "KassaLoad",
                "KassaModel", "KassaTerminal", "KassaView", "SharedKernel",
            ]),
    ]

    private static let local = [
        Room(
            "KassaStack", "deploy/local", platform, foundation,
            ["Access", "ArgumentParser", "LocalStack", "Logging"]),
        // Before the room whose folder holds theirs.
        Room(
            "MicroBenchmarks", "deploy/bench/micro/Benchmarks", platform, foundation,
            [
                "HTTPTypes", "JSON", "KassaModel", "KassaView", "Messaging", "NIOCore",
                "SharedKernel",
            ]),
        Room(
            "MicroBench", "deploy/bench/micro/Program", platform, foundation,
            ["ArgumentParser", "CAllocationCount", "JSON", "MicroBenchmarks"]),
        Room(
            "Bench", "deploy/bench", platform, foundation,
            ["ArgumentParser", "LocalStack", "Logging", "UnixSignals"]),
    ]

    /// The room that a file lives in; nil for the tests and for a folder that is not in the table.
    static func room(of file: SourceFile) -> Room? {
        rooms.first { file.path.hasPrefix($0.folder + "/") }
    }
}
