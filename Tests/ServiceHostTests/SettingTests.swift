import ArgumentParser
import Foundation
import Logging
import ServiceHost
import Testing

@Suite struct SettingTests {
    private let setting = Setting<String>.text("SHOP_NAME", "The shop's name", default: "Kassa")

    private static func file(_ text: String, named name: String = "value") throws -> String {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("kassa-setting-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent(name)
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file.path
    }

    @Test func `a flag wins over a file, a credential, the environment and the default`() throws {
        let file = try Self.file("from file\n")
        let credential = try Self.file("from credential\n", named: "SHOP_NAME")
        var environment = [
            "SHOP_NAME_FILE": file,
            "CREDENTIALS_DIRECTORY": URL(fileURLWithPath: credential)
                .deletingLastPathComponent().path,
            "SHOP_NAME": "from environment",
        ]
        let resolve = { (flag: String?) in
            try setting.resolve(flag: flag, from: SettingSources(environment: environment))
        }
        #expect(try resolve("from flag") == "from flag")
        #expect(try resolve(nil) == "from file")
        environment["SHOP_NAME_FILE"] = nil
        #expect(try resolve(nil) == "from credential")
        environment["CREDENTIALS_DIRECTORY"] = nil
        #expect(try resolve(nil) == "from environment")
        environment["SHOP_NAME"] = ""
        #expect(try resolve(nil) == "Kassa")
    }

    @Test func `a file that cannot be read is an error, not a silent fallback`() {
        let sources = SettingSources(environment: ["SHOP_NAME_FILE": "/nowhere/at/all"])
        let message = message { try setting.resolve(flag: nil, from: sources) }
        #expect(
            message == "SHOP_NAME_FILE: '/nowhere/at/all' cannot be read: No such file or directory"
        )
    }

    @Test func `a required setting that nobody gives names all its names`() {
        let url = Setting<String>.url(
            "DATABASE_URL", "The database", schemes: ["postgresql"], isSecret: true)
        let message = message {
            try url.resolve(flag: nil, from: SettingSources(environment: [:]))
        }
        #expect(
            message == """
                DATABASE_URL is not set: give --database-url, DATABASE_URL_FILE or DATABASE_URL: \
                a URL that starts with postgresql://
                """)
    }

    @Test func `a wrong secret is never shown`() {
        let url = Setting<String>.url(
            "BROKER_URL", "The broker", schemes: ["amqp"], isSecret: true)
        let sources = SettingSources(environment: ["BROKER_URL": "http://u:s3cret@h"])
        let message = message { try url.resolve(flag: nil, from: sources) }
        #expect(
            message
                == "BROKER_URL: its value (not shown) is not a URL that starts with amqp://")
    }

    @Test(arguments: ["", "x", "70000", "-1", "80 "])
    func `a wrong port says which setting, its value and what is expected`(_ text: String) {
        let message = message {
            try Setting.port("HTTP_PORT", "Port", default: 1)
                .resolve(flag: text, from: SettingSources(environment: [:]))
        }
        #expect(message == "--http-port: '\(text)' is not a whole number from 0 to 65535")
    }

    @Test func `seconds may have decimals and have bounds`() throws {
        let setting = Setting<Duration>.seconds("PAUSE", "A pause", in: 0.1...5, default: "1")
        let none = SettingSources(environment: [:])
        #expect(try setting.resolve(flag: "0.25", from: none) == .milliseconds(250))
        #expect(try setting.resolve(flag: nil, from: none) == .seconds(1))
        for text in ["0", "6", "nan", "inf", "one"] {
            #expect(message { try setting.resolve(flag: text, from: none) } != nil)
        }
    }

    @Test func `help names the environment, the file and the default`() {
        let help = "\(setting.help.abstract)"
        #expect(
            help
                == "The shop's name (environment: SHOP_NAME or SHOP_NAME_FILE; default: Kassa)")
    }

    private func message<Value>(_ body: () throws -> Value) -> String? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? ValidationError)?.message ?? "\(error)"
        }
    }
}

@Suite struct HostOptionsTests {
    private func resolve(
        _ arguments: [String], _ environment: [String: String] = [:]
    ) throws -> HostOptions.Resolved {
        try HostOptions.parse(arguments)
            .resolve(defaultPort: 8_001, from: SettingSources(environment: environment))
    }

    @Test func `the defaults are loopback, the daemon's own port and info`() throws {
        let host = try resolve([])
        #expect(host.httpHost == "127.0.0.1")
        #expect(host.httpPort == 8_001)
        #expect(host.logLevel == .info)
    }

    @Test func `flags win over the environment`() throws {
        let host = try resolve(
            ["--http-port", "9", "--log-level", "DEBUG"],
            ["HTTP_PORT": "8", "LOG_LEVEL": "error", "HTTP_HOST": "127.0.0.2"])
        #expect(host.httpPort == 9)
        #expect(host.logLevel == .debug)
        #expect(host.httpHost == "127.0.0.2")
    }

    @Test(arguments: ["0.0.0.0", "::", "192.168.1.4", "shop.example", "127.example.com", "127.1"])
    func `a public address is refused unless the operator insists`(_ address: String) throws {
        #expect(throws: ConfigurationFault.self) { try resolve(["--http-host", address]) }
        let host = try resolve(["--http-host", address, "--insecure-public"])
        #expect(host.httpHost == address)
        #expect(throws: Never.self) { try host.requireSafe(host: "0.0.0.0", setting: "GRPC_HOST") }
    }

    @Test(arguments: ["127.0.0.1", "127.8.9.1", "localhost", "::1"])
    func `loopback needs no insisting`(_ address: String) throws {
        #expect(try resolve(["--http-host", address]).httpHost == address)
    }
}
