// swift-tools-version: 6.2
import PackageDescription

// One manifest, one target per room: a folder is a curtain, a target is a wall. Who may import whom
// is the table in docs/house.md; the House tests hold the sources to it. The package manager reads one
// manifest only, with a paragraph for each room: it is the one file that may pass 400 lines.

let package = Package(
    name: "kassa",
    products: [
        .executable(name: "kassa", targets: ["KassaApp"]),
        .executable(name: "kassa-orders", targets: ["OrdersDaemon"]),
        .executable(name: "kassa-payments", targets: ["PaymentsDaemon"]),
        .executable(name: "kassa-gateway", targets: ["GatewayDaemon"]),
        .executable(name: "kassa-stack", targets: ["KassaStack"]),
        .executable(name: "kassa-simulate", targets: ["Simulate"]),
        .executable(name: "kassa-bench", targets: ["Bench"]),
        .executable(name: "kassa-microbench", targets: ["MicroBench"]),
        .executable(name: "kassa-fire", targets: ["Fire"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.1"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: sharedRooms + orders + payments + gateway + stack + screen + tests
)

// MARK: Shared rooms: no business rules.

var sharedRooms: [Target] {
    [
        .systemLibrary(name: "CLibPQ", path: "Sources/CLibPQ"),
        .systemLibrary(name: "CRabbitMQ", path: "Sources/CRabbitMQ"),
        .systemLibrary(name: "COpenSSL", path: "Sources/COpenSSL"),
        .room("JSON", "Sources/JSON"),
        .room("SharedKernel", "Sources/SharedKernel", ["JSON"]),
        .room("Access", "Sources/Access", [.crypto]),
        .room("Audit", "Sources/Audit", ["JSON", "SharedKernel"]),
        .room("PinnedThread", "Sources/PinnedThread", ["COpenSSL"]),
        .room("Postgres", "Sources/Postgres", ["CLibPQ", "PinnedThread", .logging]),
        .room(
            "AMQP", "Sources/AMQP", ["CRabbitMQ", "Failpoint", "PinnedThread", .crypto, .logging]),
        .room("Messaging", "Sources/Messaging", ["SharedKernel", .logging, .metrics]),
        .room(
            "MessagingLive", "Sources/MessagingLive",
            ["AMQP", "Failpoint", "JSON", "Messaging", "Postgres", "SharedKernel", .logging]),
        .room("Failpoint", "Sources/Failpoint"),
        .room(
            "ParkedDoor", "Sources/ParkedDoor",
            ["Access", "JSON", "Messaging", "ServiceHost", "SharedKernel", .hummingbird]),
        .room("Idempotency", "Sources/Idempotency", ["Postgres", "SharedKernel"]),
        .room(
            "OrderServiceRPC", "Sources/OrderServiceRPC", [.grpcCore, .grpcProtobuf, .protobuf],
            exclude: ["orders.proto", "README.md"], settings: .generated),
        .room(
            "ServiceHost", "Sources/ServiceHost",
            [
                "Access", "JSON", "PinnedThread", "SharedKernel", .argumentParser,
                .certificateReloading, .hummingbird, .hummingbirdCore, .hummingbirdTLS, .httpTypes,
                .lifecycle, .logging, .metrics, .metricsCore, .nioCore, .nioExtras, .nioHTTP1,
                .nioHTTPTypes, .nioHTTPTypesHTTP1, .nioPosix, .nioSSL, .unixSignals,
            ]),
        .room(
            "ServiceBackends", "Sources/ServiceBackends",
            [
                "Idempotency", "Messaging", "MessagingLive", "PinnedThread", "Postgres",
                "ServiceHost", "SharedKernel", .argumentParser, .lifecycle, .logging, .metrics,
            ]),
        .room(
            "LocalStack", "Sources/LocalStack",
            ["Access", .crypto, .logging, .subprocess, .systemPackage]),
    ]
}

// MARK: Services.

var orders: [Target] {
    [
        .room("OrdersDomain", "services/orders/Domain", ["SharedKernel"]),
        .room(
            "OrdersApplication", "services/orders/Application", ["OrdersDomain", "SharedKernel"]),
        .room(
            "OrdersPresentation", "services/orders/Presentation",
            [
                "Access", "JSON", "Messaging", "OrderServiceRPC", "OrdersApplication",
                "OrdersDomain", "ServiceHost", "SharedKernel", .grpcCore, .grpcProtobuf,
                .httpTypes, .hummingbird, .lifecycle, .logging, .metrics, .nioCore, .nioExtras,
                .nioHPACK, .nioHTTP2, .nioPosix, .nioSSL, .nioTLS, .protobuf,
            ]),
        .room(
            "OrdersInfrastructure", "services/orders/Infrastructure",
            [
                "Failpoint", "Idempotency", "JSON", "Messaging", "MessagingLive",
                "OrdersApplication",
                "OrdersDomain", "Postgres", "SharedKernel", .logging,
            ]),
        .daemon(
            "OrdersDaemon", "services/orders/Daemon",
            [
                "Messaging", "MessagingLive", "OrdersApplication", "OrdersInfrastructure",
                "OrdersPresentation", "ParkedDoor", "Postgres", "ServiceBackends",
            ]),
    ]
}

var payments: [Target] {
    [
        .room("PaymentsDomain", "services/payments/Domain", ["SharedKernel"]),
        .room(
            "PaymentsApplication", "services/payments/Application",
            ["PaymentsDomain", "SharedKernel"]),
        .room(
            "PaymentsPresentation", "services/payments/Presentation",
            [
                "Access", "JSON", "Messaging", "PaymentsApplication", "PaymentsDomain",
                "ServiceHost", "SharedKernel", .hummingbird, .logging,
            ]),
        .room(
            "PaymentsInfrastructure", "services/payments/Infrastructure",
            [
                "Failpoint", "Idempotency", "JSON", "Messaging", "MessagingLive",
                "PaymentsApplication",
                "PaymentsDomain", "Postgres", "SharedKernel", .logging,
            ]),
        .daemon(
            "PaymentsDaemon", "services/payments/Daemon",
            [
                "Messaging", "MessagingLive", "ParkedDoor", "PaymentsApplication",
                "PaymentsInfrastructure", "PaymentsPresentation", "Postgres", "ServiceBackends",
            ]),
    ]
}

var gateway: [Target] {
    [
        .room(
            "GatewayInfrastructure", "services/gateway/Infrastructure",
            [
                "Access", "JSON", "OrderServiceRPC", "ServiceHost", "SharedKernel",
                .asyncHTTPClient, .grpcCore, .grpcTransport, .httpTypes, .lifecycle, .nioCore,
                .nioHTTP1, .nioPosix, .nioSSL, .protobuf,
            ]),
        .room(
            "GatewayPresentation", "services/gateway/Presentation",
            [
                "Access", "Audit", "Failpoint", "GatewayInfrastructure", "JSON",
                "OrderServiceRPC", "ServiceHost", "SharedKernel", .grpcCore, .httpTypes,
                .hummingbird, .logging,
            ],
            resources: [.embedInCode("Documentation/Resources")]),
        .daemon(
            "GatewayDaemon", "services/gateway/Daemon",
            ["GatewayInfrastructure", "GatewayPresentation"]),
    ]
}

var stack: [Target] {
    [
        .executableTarget(
            name: "KassaStack",
            dependencies: ["Access", "LocalStack", .argumentParser, .logging],
            path: "deploy/local",
            swiftSettings: .house)
    ]
}

// MARK: The operator's screen.

var screen: [Target] {
    [
        .target(
            name: "CNCurses", path: "Sources/CNCurses",
            linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
        .room("KassaModel", "tui/Model"),
        .room("KassaView", "tui/View", ["KassaModel"]),
        .room("KassaTerminal", "tui/Terminal", ["CNCurses", "KassaModel", "KassaView"]),
        .room(
            "KassaClient", "tui/Client",
            [
                "JSON", "SharedKernel", .asyncHTTPClient, .nioCore, .nioHTTP1, .nioPosix, .nioSSL,
            ]),
        .room(
            "KassaLoad", "tui/Load",
            [
                "JSON", "KassaClient", "OrderServiceRPC", "SharedKernel", .grpcCore, .histogram,
                .nioCore, .nioHPACK, .nioHTTP2, .nioPosix, .protobuf,
            ]),
        .executableTarget(
            name: "KassaApp",
            dependencies: [
                "Access", "Audit", "JSON", "KassaClient", "KassaLoad", "KassaModel",
                "KassaTerminal", "KassaView", "SharedKernel", .argumentParser,
            ],
            path: "tui/App", swiftSettings: .house),
    ]
}

// MARK: Tests.

var tests: [Target] {
    [
        .room("TestSupport", "Tests/Support", ["LocalStack"]),
        .room("TestGateway", "Tests/ScriptedGateway", [.nioCore, .nioPosix]),
        .room("TestSchema", "Tests/Schema", ["Postgres", "TestSupport", .logging]),
        .tests(
            "KassaClientTests", "Tests/KassaClientTests",
            ["KassaClient", "SharedKernel", "TestGateway"]),
        .tests(
            "KassaAppTests", "Tests/KassaAppTests",
            [
                "JSON", "KassaApp", "KassaClient", "KassaModel", "LocalStack", "SharedKernel",
                "TestGateway", "TestSupport", .argumentParser,
            ]),
        .tests(
            "LocalStackTests", "Tests/LocalStackTests",
            ["KassaStack", "LocalStack", "TestSupport", .logging]),
        .tests("AccessTests", "Tests/AccessTests", ["Access"]),
        .tests("AuditTests", "Tests/AuditTests", ["Audit", "JSON", "SharedKernel"]),
        .tests("JSONTests", "Tests/JSONTests", ["JSON"]),
        .tests("PinnedThreadTests", "Tests/PinnedThreadTests", ["PinnedThread"]),
        .tests(
            "PostgresTests", "Tests/PostgresTests",
            ["Postgres", "TestSchema", "TestSupport", .logging]),
        .tests("SharedKernelTests", "Tests/SharedKernelTests", ["JSON", "SharedKernel"]),
        .tests(
            "AMQPTests", "Tests/AMQPTests",
            ["AMQP", "PinnedThread", "TestSupport", .logging]),
        .tests(
            "MessagingLiveTests", "Tests/MessagingLiveTests",
            [
                "AMQP", "JSON", "Messaging", "MessagingLive", "Postgres", "SharedKernel",
                "TestDoubles", "TestSupport", .logging,
            ]),
        .tests(
            "ServiceHostTests", "Tests/ServiceHostTests",
            [
                "Access", "JSON", "LocalStack", "ServiceHost", "SharedKernel", "TestSupport",
                .argumentParser, .asyncHTTPClient, .httpTypes, .hummingbird, .lifecycle, .logging,
                .metrics, .metricsCore, .nioCore, .nioEmbedded, .nioHTTP1, .nioHTTPTypes,
                .nioHTTPTypesHTTP1, .nioPosix, .nioSSL,
            ]),
        .room(
            "TestDoubles", "Tests/Doubles",
            [
                "JSON", "Messaging", "OrdersApplication", "OrdersDomain", "PaymentsApplication",
                "PaymentsDomain", "SharedKernel",
            ]),
        .tests(
            "MessagingTests", "Tests/MessagingTests",
            ["Messaging", "SharedKernel", "TestDoubles", .logging]),
        .tests(
            "OrdersDomainTests", "Tests/OrdersDomainTests",
            ["OrdersDomain", "SharedKernel", "TestDoubles"]),
        .tests(
            "OrdersApplicationTests", "Tests/OrdersApplicationTests",
            ["Messaging", "OrdersApplication", "OrdersDomain", "SharedKernel", "TestDoubles"]),
        .tests(
            "PaymentsDomainTests", "Tests/PaymentsDomainTests",
            ["PaymentsDomain", "SharedKernel", "TestDoubles"]),
        .tests(
            "PaymentsApplicationTests", "Tests/PaymentsApplicationTests",
            [
                "JSON", "Messaging", "PaymentsApplication", "PaymentsDomain", "SharedKernel",
                "TestDoubles",
            ]),
        .tests(
            "OrdersInfrastructureTests", "Tests/OrdersInfrastructureTests",
            [
                "Idempotency", "JSON", "Messaging", "MessagingLive", "OrdersApplication",
                "OrdersDomain",
                "OrdersInfrastructure", "Postgres", "SharedKernel", "TestDoubles", "TestSchema",
                "TestSupport", .logging,
            ]),
        .tests(
            "PaymentsInfrastructureTests", "Tests/PaymentsInfrastructureTests",
            [
                "Idempotency", "Messaging", "MessagingLive", "PaymentsApplication",
                "PaymentsDomain",
                "PaymentsInfrastructure", "Postgres", "SharedKernel", "TestDoubles", "TestSchema",
                "TestSupport", .logging,
            ]),
        .room(
            "TestDoor", "Tests/Door",
            [
                "Access", "JSON", "ServiceHost", .httpTypes, .hummingbird, .logging, .nioCore,
                .nioEmbedded,
            ]),
        .tests(
            "OrdersPresentationTests", "Tests/OrdersPresentationTests",
            [
                "Access", "JSON", "Messaging", "OrdersApplication", "OrdersDomain",
                "OrdersPresentation", "ServiceHost", "SharedKernel", "TestDoor", "TestDoubles",
                .logging,
            ]),
        .tests(
            "PaymentsPresentationTests", "Tests/PaymentsPresentationTests",
            [
                "Access", "JSON", "Messaging", "PaymentsApplication", "PaymentsDomain",
                "PaymentsPresentation", "SharedKernel", "TestDoor", "TestDoubles", .logging,
            ]),
        .tests(
            "GatewayTests", "Tests/GatewayTests",
            [
                "Access", "GatewayDaemon", "GatewayInfrastructure", "GatewayPresentation", "JSON",
                "LocalStack", "OrderServiceRPC", "ServiceHost", "TestSupport", .asyncHTTPClient,
                .grpcCore,
                .grpcTransport, .httpTypes, .lifecycle, .logging, .nioCore, .nioHTTP1, .nioPosix,
                .protobuf,
            ]),
        .tests(
            "OrderRPCTests", "Tests/OrderRPCTests",
            [
                "Access", "LocalStack", "Messaging", "OrderServiceRPC", "OrdersApplication",
                "OrdersDomain",
                "OrdersPresentation", "ServiceHost", "SharedKernel", "TestDoubles", "TestSupport",
                .grpcCore, .grpcTransport, .lifecycle, .logging, .nioCore, .nioHPACK, .nioHTTP2,
                .nioPosix, .nioSSL, .protobuf,
            ]),
        .tests(
            "KassaLoadTests", "Tests/KassaLoadTests",
            [
                "JSON", "KassaClient", "KassaLoad", "OrderServiceRPC", "SharedKernel",
                "TestShop", "TestSupport", .nioCore, .nioEmbedded, .nioHPACK, .nioHTTP2,
                .protobuf,
            ]),
        .room(
            "Simulation", "Tests/Simulation",
            [
                "Messaging", "OrdersApplication", "OrdersDomain", "OrdersPresentation",
                "PaymentsApplication", "PaymentsDomain", "PaymentsPresentation", "SharedKernel",
                "TestDoubles", .logging,
            ]),
        .executableTarget(
            name: "Simulate", dependencies: ["Simulation", .argumentParser],
            path: "Tests/Simulate", swiftSettings: .house),
        .tests(
            "SimulationTests", "Tests/SimulationTests",
            [
                "LocalStack", "OrdersApplication", "OrdersDomain", "PaymentsApplication",
                "PaymentsDomain", "SharedKernel", "Simulate", "Simulation", "TestDoubles",
                "TestSupport",
            ]),
        .executableTarget(
            name: "Bench",
            dependencies: ["LocalStack", .argumentParser, .logging, .unixSignals],
            path: "deploy/bench", exclude: ["micro", "reference"], swiftSettings: .house),
        .target(name: "CAllocationCount", path: "deploy/bench/micro/CAllocationCount"),
        .room(
            "MicroBenchmarks", "deploy/bench/micro/Benchmarks",
            [
                "JSON", "KassaModel", "KassaView", "Messaging", "SharedKernel", .httpTypes,
                .nioCore,
            ]),
        .executableTarget(
            name: "MicroBench",
            dependencies: ["CAllocationCount", "JSON", "MicroBenchmarks", .argumentParser],
            path: "deploy/bench/micro/Program", swiftSettings: .house),
        .tests(
            "MicroBenchmarksTests", "Tests/MicroBenchmarksTests", ["JSON", "MicroBenchmarks"]),
        .tests("KassaModelTests", "Tests/KassaModelTests", ["KassaModel"]),
        .tests(
            "KassaViewTests", "Tests/KassaViewTests", ["KassaModel", "KassaView"],
            exclude: ["goldens"]),
        .executableTarget(
            name: "TerminalProbe", dependencies: ["KassaModel", "KassaTerminal", "KassaView"],
            path: "Tests/TerminalProbe", swiftSettings: .house),
        .tests("KassaTerminalTests", "Tests/KassaTerminalTests", ["TerminalProbe"]),
        .tests("HouseTests", "Tests/House", []),
        .room(
            "TestShop", "Tests/Shop",
            [
                "Access", "JSON", "LocalStack", "TestSupport", .asyncHTTPClient, .nioCore,
                .nioHTTP1, .nioSSL,
            ]),
        .tests(
            "IntegrationTests", "Tests/Integration",
            [
                "Access", "AMQP", "Audit", "JSON", "LocalStack", "Postgres", "SharedKernel",
                "TestShop", "TestSupport", .asyncHTTPClient, .logging, .nioCore, .nioHTTP1, .nioSSL,
            ],
            exclude: ["python", "systemd"]),
        .tests(
            "HostileTests", "Tests/Hostile",
            [
                "AMQP", "JSON", "LocalStack", "TestShop", "TestSupport", .logging, .nioCore,
                .nioHPACK, .nioHTTP1, .nioPosix,
            ]),
        .executableTarget(
            name: "Fire",
            dependencies: [
                "AMQP", "JSON", "LocalStack", "TestDoubles", "TestShop", "TestSupport",
                .argumentParser, .logging, .nioCore, .nioHTTP1, .nioPosix,
            ],
            path: "Tests/Fire", swiftSettings: .house),
        .tests(
            "FireTests", "Tests/FireTests",
            ["Fire", "TestDoubles", "TestSupport", .nioCore, .nioPosix]),
        .tests(
            "ChaosTests", "Tests/Chaos",
            [
                "Audit", "JSON", "KassaClient", "KassaStack", "LocalStack", "SharedKernel",
                "TestDoubles",
                "TestShop", "TestSupport", .nioHTTP1,
            ]),
    ]
}

// MARK: The house rules, in one place.

extension [SwiftSetting] {
    static var house: Self {
        [
            .swiftLanguageMode(.v6),
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            .treatAllWarnings(as: .error),
        ]
    }

    /// Generated sources are not ours to mend: they build with the language mode alone.
    static var generated: Self { [.swiftLanguageMode(.v6)] }
}

extension Target {
    static func room(
        _ name: String, _ path: String, _ dependencies: [Dependency] = [],
        exclude: [String] = [], resources: [Resource]? = nil, settings: [SwiftSetting] = .house
    ) -> Target {
        .target(
            name: name, dependencies: dependencies, path: path, exclude: exclude,
            resources: resources, swiftSettings: settings)
    }

    static func daemon(_ name: String, _ path: String, _ rooms: [Dependency]) -> Target {
        .executableTarget(
            name: name,
            dependencies: rooms + [
                "ServiceHost", "SharedKernel", .argumentParser, .lifecycle, .logging,
            ],
            path: path, swiftSettings: .house)
    }

    static func tests(
        _ name: String, _ path: String, _ dependencies: [Dependency], exclude: [String] = []
    ) -> Target {
        .testTarget(
            name: name, dependencies: dependencies, path: path, exclude: exclude,
            swiftSettings: .house)
    }
}

extension Target.Dependency {
    static var argumentParser: Self {
        .product(name: "ArgumentParser", package: "swift-argument-parser")
    }
    static var asyncHTTPClient: Self {
        .product(name: "AsyncHTTPClient", package: "async-http-client")
    }
    static var certificateReloading: Self {
        .product(name: "NIOCertificateReloading", package: "swift-nio-extras")
    }
    static var crypto: Self { .product(name: "Crypto", package: "swift-crypto") }
    static var grpcCore: Self { .product(name: "GRPCCore", package: "grpc-swift-2") }
    static var grpcProtobuf: Self {
        .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
    }
    static var grpcTransport: Self {
        .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport")
    }
    static var histogram: Self { .product(name: "Histogram", package: "hdrhistogram-swift") }
    static var hummingbird: Self { .product(name: "Hummingbird", package: "hummingbird") }
    static var httpTypes: Self { .product(name: "HTTPTypes", package: "swift-http-types") }
    static var hummingbirdCore: Self {
        .product(name: "HummingbirdCore", package: "hummingbird")
    }
    static var hummingbirdTLS: Self {
        .product(name: "HummingbirdTLS", package: "hummingbird")
    }
    static var lifecycle: Self {
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    }
    static var logging: Self { .product(name: "Logging", package: "swift-log") }
    static var metrics: Self { .product(name: "Metrics", package: "swift-metrics") }
    static var nioCore: Self { .product(name: "NIOCore", package: "swift-nio") }
    static var metricsCore: Self { .product(name: "CoreMetrics", package: "swift-metrics") }
    static var nioEmbedded: Self { .product(name: "NIOEmbedded", package: "swift-nio") }
    static var nioExtras: Self { .product(name: "NIOExtras", package: "swift-nio-extras") }
    static var nioHPACK: Self { .product(name: "NIOHPACK", package: "swift-nio-http2") }
    static var nioHTTP1: Self { .product(name: "NIOHTTP1", package: "swift-nio") }
    static var nioHTTP2: Self { .product(name: "NIOHTTP2", package: "swift-nio-http2") }
    static var nioHTTPTypes: Self {
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
    }
    static var nioHTTPTypesHTTP1: Self {
        .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
    }
    static var nioPosix: Self { .product(name: "NIOPosix", package: "swift-nio") }
    static var nioSSL: Self { .product(name: "NIOSSL", package: "swift-nio-ssl") }
    static var nioTLS: Self { .product(name: "NIOTLS", package: "swift-nio") }
    static var unixSignals: Self {
        .product(name: "UnixSignals", package: "swift-service-lifecycle")
    }
    static var protobuf: Self { .product(name: "SwiftProtobuf", package: "swift-protobuf") }
    static var systemPackage: Self {
        .product(name: "SystemPackage", package: "swift-system")
    }
    static var subprocess: Self { .product(name: "Subprocess", package: "swift-subprocess") }
}
