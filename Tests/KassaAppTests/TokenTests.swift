import Access
import ArgumentParser
import Foundation
import KassaClient
import LocalStack
import Testing
import TestSupport

@testable import KassaApp

/// The tokens file as the operator changes it.
@Suite struct TokenTests {
    private let path = FileManager.default.temporaryDirectory
        .appending(path: "kassa-tokens-\(UUID().uuidString)").path(percentEncoded: false)

    private func kassa(_ arguments: String...) async throws -> CommandOutput {
        try await Command(try BuiltProgram.path("kassa"), ["token"] + arguments)
            .run(within: .seconds(60))
    }

    private func mode() throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
    }

    @Test func `a token is shown once, and its digest goes into a file for its owner alone`()
        async throws
    {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let made = try await kassa(
            "create", "--name", "ada", "--role", "operator", "--tokens-file", path)
        #expect(made.succeeded && made.standardError.isEmpty)
        let token = made.standardOutput.dropLast()
        #expect(token.hasPrefix("kassa_") && token.utf8.count == 49)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(!text.contains(token))
        #expect(
            try TokenSet(parsing: text).caller(showing: String(token))
                == Caller(name: "ada", role: .operator))
        #expect(try mode() == 0o600)
    }

    @Test func `what the file says besides stays, its mode too`() async throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let line = "vera viewer \(TokenDigest(of: "x").hexadecimal)  # the screen in the hall"
        try "# ours\n\(line)\n".write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        for name in ["ada", "ada", "bob"] {
            let made = try await kassa(
                "create", "--name", name, "--role", "service", "--tokens-file", path)
            #expect(made.succeeded)
        }
        let list = try await kassa("list", "--tokens-file", path).standardOutput
        #expect(
            list.split(separator: "\n").map {
                $0.split(separator: " ").prefix(2).joined(separator: " ")
            }
                == ["vera viewer", "ada service", "ada service", "bob service"])
        let second = try #require(list.split(separator: "\n")[2].split(separator: " ").last)
        #expect(
            try await kassa(
                "revoke", "--name", "ada", "--digest", String(second), "--tokens-file", path
            ).standardOutput.hasPrefix("revoked: 1;"))
        #expect(
            try await kassa("revoke", "--name", "ada", "--tokens-file", path)
                .standardOutput.hasPrefix("revoked: 1;"))
        #expect(try await !kassa("revoke", "--name", "ada", "--tokens-file", path).succeeded)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.hasPrefix("# ours\n\(line)\nbob service "))
        #expect(try mode() == 0o640)
    }

    @Test func `a file is never left in a state that no daemon would take`() async throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let line = "vera viewer \(TokenDigest(of: "x").hexadecimal)\n"
        try line.write(toFile: path, atomically: true, encoding: .utf8)
        let roles = try await kassa(
            "create", "--name", "vera", "--role", "operator", "--tokens-file", path)
        #expect(!roles.succeeded && roles.standardError.contains("two roles"))
        let last = try await kassa("revoke", "--name", "vera", "--tokens-file", path)
        #expect(!last.succeeded && last.standardError.contains("no token would be left"))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == line)
        try "nonsense\n".write(toFile: path, atomically: true, encoding: .utf8)
        let broken = try await kassa(
            "create", "--name", "ada", "--role", "viewer", "--tokens-file", path)
        #expect(!broken.succeeded && broken.standardError.contains("line 1"))
        #expect(broken.standardOutput.isEmpty)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "nonsense\n")
    }

    @Test func `without a file the line goes to stderr, for another machine`() async throws {
        let made = try await kassa("create", "--name", "ada", "--role", "viewer")
        let tokens = try TokenSet(parsing: made.standardError)
        #expect(
            tokens.caller(showing: String(made.standardOutput.dropLast()))
                == Caller(name: "ada", role: .viewer))
        for wrong in [["--name", "a b", "--role", "viewer"], ["--name", "a", "--role", "admin"]] {
            let refused = try await Command(
                try BuiltProgram.path("kassa"), ["token", "create"] + wrong
            ).run(within: .seconds(60))
            #expect(!refused.succeeded && refused.standardOutput.isEmpty)
        }
    }

    @Test func `the gateway's authority and token come from option, environment, file`() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try "-----BEGIN CERTIFICATE-----\n".write(toFile: path, atomically: true, encoding: .utf8)
        var file = Configuration()
        var options = try GatewayOptions.parse([])
        func authority(_ environment: [String: String] = [:]) throws -> String? {
            try options.resolve(file) { environment[$0] }.certificateAuthority
        }
        #expect(try authority() == nil)
        #expect(try authority(["GATEWAY_CA_FILE": path]) == path)
        file.caFile = path
        #expect(try authority(["GATEWAY_CA_FILE": ""]) == path)
        options.caFile = "/nonexistent"
        #expect(throws: Complaint.self) { try authority() }
        try "nothing".write(toFile: path, atomically: true, encoding: .utf8)
        options.caFile = path
        #expect(throws: Complaint.self) { try authority() }
    }
}
