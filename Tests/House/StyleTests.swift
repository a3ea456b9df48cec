import Testing

@Suite struct StyleTests {
    @Test func `no file passes 400 lines`() {
        expectNone(StyleRules.fileLength)
    }

    @Test func `files stay near 250 lines`() {
        for file in Repository.swiftFiles where StyleRules.lineCount(file) > StyleRules.fileLineGoal
        {
            Issue.record(
                "\(file): \(StyleRules.lineCount(file)) lines, is it one concept?",
                severity: .warning)
        }
    }

    @Test func `no line passes 100 columns`() {
        expectNone(StyleRules.lineLength)
    }

    @Test func `no function passes 70 lines`() {
        expectNone(StyleRules.functionLength)
    }

    @Test func `every name says something`() {
        expectNone(StyleRules.names)
    }

    @Test func `nothing is forced`() {
        expectNone(StyleRules.forces)
    }

    @Test func `what the compiler does not check has its reason above it`() {
        expectNone(StyleRules.unchecked)
    }

    @Test func `no test sleeps`() {
        expectNone(StyleRules.sleeps)
    }

    @Test func `a daemon's main is one line`() {
        expectNone(StyleRules.main)
    }

    @Test func `no file is without code`() {
        expectNone(StyleRules.emptiness)
    }

    @Test func `the length checkers count from the limit`() {
        func file(_ lines: Int, _ columns: Int = 1) -> SourceFile {
            let line = String(repeating: "a", count: columns) + "\n"
            return SourceFile(path: "Sources/A/A.swift", String(repeating: line, count: lines))
        }
        #expect(StyleRules.fileLength(file(400)).isEmpty)
        #expect(StyleRules.fileLength(file(401)).count == 1)
        #expect(StyleRules.lineLength(file(1, 100)).isEmpty)
        #expect(StyleRules.lineLength(file(2, 101)).map(\.place) == Self.places(1, 2))
    }

    @Test(arguments: [
        "func work() {", "init(", "static func work<T>(\n    a: T\n) async throws -> T {",
    ])
    func `the function checker counts from the limit`(head: String) {
        func file(_ lines: Int) -> SourceFile {
            let opened = head == "init(" ? "init(a: Int) {" : head
            let body = String(
                repeating: "    if a { b() }\n",
                count: lines - 1 - opened.split(separator: "\n").count)
            return SourceFile(path: "Sources/A/A.swift", "\(opened)\n\(body)}\nfunc next()\n")
        }
        #expect(StyleRules.functionLength(file(70)).isEmpty)
        #expect(StyleRules.functionLength(file(71)).map(\.place) == Self.places(1))
    }

    @Test func `a requirement has no body to count`() {
        let more = String(repeating: "    /// More.\n    var a: Int { get }\n", count: 40)
        let text = "protocol P {\n    func a()\n    func b(_ a: Int)\n        -> Int\n\(more)}\n"
        #expect(StyleRules.functionLength(SourceFile(path: "Sources/A/A.swift", text)).isEmpty)
    }

    @Test(arguments: [
        ("StringUtils.swift", "let a = 1", 1), ("Helpers.swift", "let a = 1", 1),
        ("A.swift", "package final class OrderManager: Sendable {", 1),
        ("A.swift", "enum Common {", 1), ("A.swift", "struct CommonTypes {", 1),
        ("A.swift", "struct CommonwealthUtilisation {", 0), ("A.swift", "// class Manager", 0),
        ("A.swift", "let manager = FileManager.default", 0),
    ])
    func `the names' checker finds a name that says nothing`(name: String, code: String, count: Int)
    {
        let file = SourceFile(path: "Sources/A/\(name)", code)
        #expect(StyleRules.names(file).count == count)
    }

    @Test(arguments: [
        ("let a = try! b()", true), ("let a = b as! C", true), ("let a = b!", true),
        ("b()!.c", true), ("b[0]!", true), ("var a: Int!", true), ("a! == b", true),
        ("a as? B", false), ("if a != b {", false), ("if !a {", false), ("(!a)", false),
        ("let a = \"b!\"", false), ("// try! as! a!", false), ("return !a", false),
        ("#expect(!a)", false), ("a!= b", false), ("let a = \"\\(b!)\"", true),
        ("@Test func `no way!`() {", false),
    ])
    func `the checker of forces tells them from a negation`(code: String, isForced: Bool) {
        let file = SourceFile(path: "Sources/A/A.swift", code)
        #expect(StyleRules.forces(file).isEmpty != isForced)
    }

    @Test(arguments: [
        ("final class A: @unchecked Sendable {}", 1),
        ("/// A box.\nfinal class A: @unchecked Sendable {}", 0),
        ("// Guarded by the lock.\n@frozen\nnonisolated(unsafe) var a = 1", 0),
        ("\nnonisolated(unsafe) var a = 1", 1), ("let b = unsafeBitCast(a, to: B.self)", 1),
        ("let a = \"@unchecked\"", 0),
    ])
    func `the checker of what is unchecked wants a comment`(code: String, count: Int) {
        let file = SourceFile(path: "Sources/A/A.swift", code)
        #expect(StyleRules.unchecked(file).count == count)
    }

    @Test(arguments: [
        ("Tests/ATests/ATests.swift", "try await Task.sleep(for: .seconds(1))", 1),
        ("Tests/ATests/ATests.swift", "usleep(100)", 1),
        ("Tests/ATests/ATests.swift", "try await clock.sleep(until: end)", 1),
        ("Tests/ATests/ATests.swift", "// sleep(1)", 0),
        ("Tests/Support/Eventually.swift", "try await Task.sleep(for: step)", 0),
        ("Sources/A/A.swift", "try await Task.sleep(for: step)", 0),
    ])
    func `the checker of sleeps finds one in a test`(path: String, code: String, count: Int) {
        #expect(StyleRules.sleeps(SourceFile(path: path, code)).count == count)
    }

    @Test(arguments: [
        ("services/orders/Daemon/main.swift", "await OrdersCommand.main()\n", 0),
        ("services/orders/Daemon/main.swift", "// Why.\nawait OrdersCommand.main()\n", 0),
        ("services/orders/Daemon/main.swift", "import A\nawait OrdersCommand.main()\n", 1),
        ("services/orders/Daemon/main.swift", "", 1),
        ("services/orders/Daemon/OrdersCommand.swift", "a()\nb()\n", 0),
    ])
    func `the checker of mains wants one line`(path: String, code: String, count: Int) {
        #expect(StyleRules.main(SourceFile(path: path, code)).count == count)
    }

    @Test(arguments: [("// room\n", 1), ("\n\n", 1), ("/* a\n b */\n", 1), ("import A\n", 0)])
    func `the checker of emptiness wants code`(code: String, count: Int) {
        #expect(StyleRules.emptiness(SourceFile(path: "Sources/A/A.swift", code)).count == count)
    }

    private static func places(_ lines: Int...) -> [String] {
        lines.map { "Sources/A/A.swift:\($0)" }
    }
}
