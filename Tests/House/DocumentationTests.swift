import Testing

@Suite struct DocumentationTests {
    @Test func `what other rooms see has a doc comment`() {
        let files = Repository.swiftFiles.filter { !$0.path.hasPrefix("Tests/") }
        let explained = files.map(DocumentationRules.requirements)
            .reduce(into: Set()) { $0.formUnion($1) }
        #expect(explained.contains("settle"), "the ports were read")
        expectNone({ DocumentationRules.declarations($0, explained: explained) }, in: files)
    }

    @Test func `every link of a page leads somewhere`() {
        expectNone(PageRules.links, in: Repository.pages)
    }

    @Test func `the trip has a link per step`() throws {
        let trip = try #require(Repository.pages.first { $0.path == "docs/trip.md" })
        expectNone(PageRules.steps, in: [trip])
        #expect(PageRules.links(of: trip).count > 15)
    }

    @Test(arguments: ["api.md", "house.md", "operations.md", "trip.md"])
    func `the page is there`(name: String) {
        #expect(Repository.exists("docs/\(name)"))
    }

    @Test func `the table of rooms in words names every room`() throws {
        let page = try #require(Repository.contents("docs/house.md"))
        let missing = HouseMap.rooms.map(\.target).filter { !page.contains("`\($0)`") }
        #expect(missing.isEmpty)
    }

    @Test func `every metric that the operations page names is in the sources`() throws {
        let page = try #require(Repository.contents("docs/operations.md"))
        let code = Repository.swiftFiles.filter { !$0.path.hasPrefix("Tests/") }
            .compactMap { Repository.contents($0.path) }.joined()
        let names = PageRules.metrics(of: page)
        #expect(names.count > 10)
        #expect(names.filter { !PageRules.isExported($0, by: code) } == [])
        #expect(
            PageRules.metrics(of: "`kassa_a_total{b}` `kassa_b_seconds > 1` kassa_orders")
                == ["kassa_a_total", "kassa_b_seconds"])
        #expect(!PageRules.isExported("kassa_nothing_total", by: code))
    }

    @Test func `what a build resolves is not tracked`() {
        let ignored = (Repository.contents(".gitignore") ?? "").split(separator: "\n")
        #expect(ignored.contains("Package.resolved"))
        #expect(ignored.contains(".build/"))
        #expect(ignored.contains(".kassa/"))
    }

    @Test(arguments: [
        ("package struct A {", "A"), ("public final class A: B {", "A"),
        ("package static func a(_ b: C) {", "a"), ("    package init(a: Int) {", "init(a"),
        ("package init?(_ a: Int) {", "init?(_"), ("package var a: Int {", "a"),
        ("package protocol A {", "A"), ("package typealias A = B", "A"),
        ("package class func a() {", "a"), ("@discardableResult\npackage func a<B>() {", "a"),
        ("// Not a doc comment.\npackage enum A {", "A"),
        ("package subscript(a: B) -> C {", "subscript(a"),
    ])
    func `the checker finds a declaration without a comment`(code: String, name: String) {
        let file = SourceFile(path: "Sources/A/A.swift", code)
        #expect(
            DocumentationRules.declarations(file).map(\.advice) == ["'\(name)' has no doc comment"])
    }

    @Test(arguments: [
        "/// A.\npackage struct A {", "/// A.\n@a(b)\npackage func a()", "package import A",
        "package extension A {", "func a() {", "private struct A {", "package let a: Int",
        "package private(set) var a: Int", "package static func == (a: A, b: A) -> Bool {",
        "package func hash(into a: inout B) {", "package var description: String { a }",
        "package init(stringLiteral value: String) { self = a }",
        "\"\"\"\npackage func a()\n\"\"\"",
        "/**\n A.\n */\npackage struct A {", "case a",
    ])
    func `the checker passes what is documented or needs no comment`(code: String) {
        let file = SourceFile(path: "Sources/A/A.swift", code)
        #expect(DocumentationRules.declarations(file).isEmpty)
    }

    @Test func `a witness of the house's own protocol needs no second comment`() {
        let port = SourceFile(
            path: "Sources/A/Port.swift",
            """
            package protocol Port {
                /// A.
                func a() async
                var b: Int { get }
            }
            func c() {}
            """)
        let explained = DocumentationRules.requirements(of: port)
        #expect(explained == ["a", "b"])
        let adapter = SourceFile(
            path: "Sources/A/Adapter.swift", "package func a() {}\npackage func c() {}")
        let found = DocumentationRules.declarations(adapter, explained: explained)
        #expect(found.map(\.place) == ["Sources/A/Adapter.swift:2"])
    }

    @Test(arguments: [
        ("[a](../Package.swift)", 0), ("[a](api.md) and [b](house.md)", 0), ("[a](nowhere.md)", 1),
        ("[a](https://example.org/a)", 0), ("[a](../Sources/Nowhere/A.swift)", 1),
        ("[a](../../a)", 1), ("[a](/etc/hosts)", 1), ("[a](house.md#no-such-heading)", 1),
        ("# Here\n[a](#here)", 1), ("```\n[a](nowhere.md)\n```", 0), ("[a](a.md) [b](c.md)", 2),
        ("[a](../Package.swift#L3)", 0),
    ])
    func `the links' checker finds one that leads nowhere`(text: String, count: Int) {
        let page = SourceFile(path: "docs/sample.md", text)
        #expect(PageRules.links(page).count == count)
    }

    @Test func `headings become anchors`() {
        let anchors = PageRules.anchors(of: "# One Two\ntext\n## `Three`: 4, five-six\n")
        #expect(anchors == ["one-two", "three-4-five-six"])
    }

    @Test(arguments: [
        ("1. A step ([`A`](A.swift)).", 0), ("1. A step.", 1),
        ("1. A step\n   that goes on: [`A`](A.swift).\n2. Another.", 1),
        ("1. A step.\n2. Another [`A`](A.swift)", 1), ("1. A step [a](api.md)", 1), ("Text.", 0),
    ])
    func `the trip's checker finds a step without a file`(text: String, count: Int) {
        #expect(PageRules.steps(SourceFile(path: "docs/trip.md", text)).count == count)
    }
}
