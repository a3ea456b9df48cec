import Foundation
import GatewayInfrastructure
import Testing

@Suite(.timeLimit(.minutes(1))) struct DocumentationTests {
    /// A folder with stand-ins for Swagger UI's files, gone after `body`.
    private static func withFolder<Result>(
        _ contents: [String: String], _ body: (String) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "kassa-docs-\(UUID().uuidString)").path(percentEncoded: false)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (name, text) in contents {
            try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
        }
        return try await body(folder)
    }

    private static let complete = [
        "swagger-ui-bundle.js": "bundle", "swagger-ui.css": "style", "favicon-32x32.png": "icon",
        "secret.txt": "secret",
    ]

    @Test(arguments: ["/", "/docs", "/docs/"])
    func `the page loads this gateway's own files alone`(path: String) async throws {
        let files = try await Self.withFolder(Self.complete) {
            try SwaggerUIFiles(directory: $0)
        }
        try await Gateway.open(swaggerUI: files) { gateway in
            let page = try await gateway.call("GET", path)
            #expect(page.status == 200)
            #expect(page.field("Content-Type") == "text/html; charset=utf-8")
            let policy = try #require(page.field("Content-Security-Policy"))
            #expect(policy.hasPrefix("default-src 'none';"))
            #expect(policy.contains("script-src 'self';") && policy.contains("style-src 'self';"))
            #expect(policy.contains("frame-ancestors 'none'"))
            #expect(!policy.contains("unsafe"))
            #expect(page.field("X-Content-Type-Options") == "nosniff")
            #expect(page.field("Referrer-Policy") == "no-referrer")
            // Whatever the page names is there, and nothing that runs stands in the page itself.
            let links = page.body.matches(of: /(?:src|href)="([^"]*)"/).map { String($0.1) }
            #expect(links.count == 5)
            for link in links {
                #expect(try await gateway.call("GET", link).status == 200, "\(link)")
            }
            #expect(page.body.matches(of: /<script[^>]*>[^<]/).isEmpty)
            #expect(!page.body.contains("style="))
        }
    }

    @Test func `a file comes with its type, and is not sent twice`() async throws {
        let files = try await Self.withFolder(Self.complete) {
            try SwaggerUIFiles(directory: $0)
        }
        try await Gateway.open(swaggerUI: files) { gateway in
            for (path, type, body) in [
                ("/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8", "bundle"),
                ("/docs/swagger-ui.css", "text/css; charset=utf-8", "style"),
                ("/docs/favicon-32x32.png", "image/png", "icon"),
            ] {
                let first = try await gateway.call("GET", path)
                #expect(first.status == 200 && first.body == body, "\(path)")
                #expect(first.field("Content-Type") == type)
                #expect(first.field("X-Content-Type-Options") == "nosniff")
                #expect(first.field("Cache-Control") == "no-cache")
                let tag = try #require(first.field("ETag"))
                for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
                    let again = try await gateway.call("GET", path, "If-None-Match: \(known)")
                    #expect(again.status == 304 && again.body.isEmpty, "\(known)")
                    #expect(again.field("ETag") == tag)
                }
                let other = try await gateway.call("GET", path, "If-None-Match: \"other\"")
                #expect(other.status == 200 && other.body == body)
            }
        }
    }

    @Test(arguments: [
        "secret.txt", "..%2Fsecret.txt", "%2E%2E/secret.txt", "..%2f..%2fetc%2fpasswd",
        "%2Fetc%2Fpasswd", "swagger-ui.css%00.png", ".", "..", "docs.html", "swagger-ui.css/x",
        "SWAGGER-UI.CSS",
    ])
    func `what is not in the table is not found`(name: String) async throws {
        let files = try await Self.withFolder(Self.complete) {
            try SwaggerUIFiles(directory: $0)
        }
        try await Gateway.open(swaggerUI: files) { gateway in
            let answer = try await gateway.call("GET", "/docs/\(name)")
            #expect(answer.status == 404)
            #expect(answer.body == #"{"detail":"Not Found"}"#)
        }
    }

    @Test func `without the files the page says how to fetch them`() async throws {
        try await Gateway.open { gateway in
            let page = try await gateway.call("GET", "/docs")
            #expect(page.status == 200)
            #expect(page.body.contains("make swagger-ui"))
            #expect(page.field("Content-Security-Policy")?.hasPrefix("default-src 'none'") == true)
            let part = try await gateway.call("GET", "/docs/swagger-ui.css")
            #expect(part.status == 404)
            let description = try await gateway.call("GET", "/openapi.json")
            #expect(description.status == 200)
            #expect(description.field("Content-Type") == "application/json")
        }
    }

    @Test(arguments: SwaggerUIFiles.names)
    func `a file that is missing, empty or no file is named`(name: String) async throws {
        for content in [nil, "", "/"] {
            var contents = Self.complete
            contents[name] = content
            try await Self.withFolder(contents) { folder in
                if content == "/" {
                    try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
                    try FileManager.default.createDirectory(
                        atPath: "\(folder)/\(name)", withIntermediateDirectories: false)
                }
                let missing = #expect(throws: SwaggerUIFiles.Missing.self) {
                    try SwaggerUIFiles(directory: folder)
                }
                #expect(missing?.description.contains("\(folder)/\(name)") == true)
            }
        }
    }
}
