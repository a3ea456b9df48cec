import Testing

@Suite struct ImportTests {
    @Test func `every room imports what the table grants it`() {
        expectNone(ImportRules.table)
    }

    @Test func `Orders and Payments never import each other`() {
        expectNone(ImportRules.separation)
    }

    @Test func `a C library is imported by its wrapper alone`() {
        expectNone(ImportRules.wrappers)
    }

    @Test func `in a daemon, Composition alone imports adapters`() {
        expectNone(ImportRules.composition)
    }

    @Test func `there is one test framework`() {
        expectNone(ImportRules.testing)
    }

    @Test(
        arguments: [
            ("import Glibc", ["Glibc"]), ("package import JSON", ["JSON"]),
            ("@testable import Orders", ["Orders"]),
            ("@preconcurrency import A // import B", ["A"]),
            ("import struct Foundation.Date", ["Foundation"]), ("  internal import A.B", ["A"]),
            ("// import A", []), ("/* import A */", []), ("let text = \"import A\"", []),
            ("important()", []), ("let words = [import]", []),
        ] as [(String, [String])])
    func `an import is found in each of its forms`(line: String, modules: [String]) {
        let file = SourceFile(path: "Sources/JSON/Sample.swift", line)
        #expect(ImportRules.imports(of: file).map(\.module) == modules)
    }

    @Test(arguments: [
        ("services/orders/Domain/Order.swift", "Foundation", false),
        ("services/orders/Domain/Order.swift", "Glibc", false),
        ("services/orders/Domain/Order.swift", "SharedKernel", true),
        ("services/orders/Application/PlaceOrder.swift", "FoundationEssentials", false),
        ("services/orders/Application/PlaceOrder.swift", "Postgres", false),
        ("services/orders/Application/Ports/OrderRepository.swift", "Messaging", false),
        ("services/payments/Presentation/AccountRoutes.swift", "OrderServiceRPC", false),
        ("services/orders/Presentation/OrderRPC.swift", "OrderServiceRPC", true),
        ("services/orders/Presentation/OrderRPC.swift", "OrdersInfrastructure", false),
        ("services/gateway/Presentation/Routes.swift", "Postgres", false),
        ("Sources/Messaging/Relay.swift", "AMQP", false),
        ("Sources/ServiceHost/Server.swift", "Messaging", false),
        ("Sources/ServiceHost/Server.swift", "Foundation", false),
        ("deploy/local/Up.swift", "Foundation", true),
        ("Sources/JSON/Parser.swift", "Foundation", false),
        ("Sources/JSON/Parser.swift", "Synchronization", true),
        ("Sources/Nowhere/File.swift", "Swift", false),
    ])
    func `the table's checker tells a granted import from another`(
        path: String, module: String, isGranted: Bool
    ) {
        let file = SourceFile(path: path, "import \(module)")
        #expect(ImportRules.table(file).isEmpty == isGranted)
    }

    @Test(arguments: [
        ("services/orders/Daemon/Composition.swift", "PaymentsDomain", false),
        ("services/payments/Domain/Account.swift", "OrdersDomain", false),
        ("Tests/OrdersDomainTests/OrderTests.swift", "PaymentsDomain", false),
        ("Tests/PaymentsApplicationTests/T.swift", "OrdersApplication", false),
        ("Tests/Integration/Trip.swift", "PaymentsDomain", true),
        ("services/orders/Domain/Order.swift", "SharedKernel", true),
    ])
    func `the separation's checker finds the other side`(path: String, module: String, holds: Bool)
    {
        let file = SourceFile(path: path, "package import \(module)")
        #expect(ImportRules.separation(file).isEmpty == holds)
    }

    @Test(arguments: [
        ("Sources/Postgres/Connection.swift", "CLibPQ", true),
        ("Sources/AMQP/Connection.swift", "CRabbitMQ", true),
        ("Sources/AMQP/Connection.swift", "CLibPQ", false),
        ("Sources/MessagingLive/Relay.swift", "CRabbitMQ", false),
        ("Tests/PostgresTests/PoolTests.swift", "CLibPQ", false),
    ])
    func `the wrappers' checker finds C elsewhere`(path: String, module: String, holds: Bool) {
        let file = SourceFile(path: path, "import \(module)")
        #expect(ImportRules.wrappers(file).isEmpty == holds)
    }

    @Test(arguments: [
        ("services/orders/Daemon/Composition.swift", "Postgres", true),
        ("services/orders/Daemon/OrdersCommand.swift", "Postgres", false),
        ("services/gateway/Daemon/main.swift", "GatewayInfrastructure", false),
        ("services/orders/Daemon/OrdersCommand.swift", "ServiceHost", true),
        ("services/orders/Infrastructure/PostgresOrders.swift", "Postgres", true),
    ])
    func `the composition's checker finds an adapter elsewhere`(
        path: String, module: String, holds: Bool
    ) {
        let file = SourceFile(path: path, "import \(module)")
        #expect(ImportRules.composition(file).isEmpty == holds)
    }

    @Test func `the framework's checker finds XCTest`() {
        let file = SourceFile(path: "Tests/A/ATests.swift", "@testable import A\nimport XCTest")
        #expect(ImportRules.testing(file).map(\.place) == ["Tests/A/ATests.swift:2"])
    }

    @Test func `every folder of the manifest is a room of the table`() throws {
        let manifest = SourceText(try #require(Repository.contents("Package.swift")))
        let quoted = manifest.lines.flatMap { $0.split(separator: "\"") }.map(String.init)
        let folders = quoted.filter { text in
            HouseMap.tops.contains { text.hasPrefix($0 + "/") }
        }
        #expect(folders.count > 15, "the manifest was read")
        let known = Set(HouseMap.rooms.map(\.folder))
        let unknown = folders.filter { folder in
            !known.contains(folder) && !HouseMap.headers.contains(folder)
        }
        #expect(unknown.isEmpty)
        #expect(known.filter { !folders.contains($0) } == [])
    }
}

/// Holds the repository to a rule, and names every place that does not.
func expectNone(
    _ rule: (SourceFile) -> [Violation], in files: [SourceFile] = Repository.swiftFiles,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(!files.isEmpty, "no file was found", sourceLocation: sourceLocation)
    let violations = files.flatMap(rule)
    #expect(violations.isEmpty, "\(list(violations))", sourceLocation: sourceLocation)
}

private func list(_ violations: [Violation]) -> Comment {
    Comment(rawValue: violations.map(\.description).joined(separator: "\n"))
}
