import ArgumentParser
import Glibc
import KassaClient

/// Where the gateway is: what every command has.
struct GatewayOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The gateway's address.",
            discussion: "Else GATEWAY_URL, else the configuration, else http://127.0.0.1:8000.",
            valueName: "url"))
    var gateway: String?

    @Option(
        help: ArgumentHelp(
            "A file whose first line is sent as a bearer token.", valueName: "path"),
        completion: .file())
    var tokenFile: String?

    /// What the client is to use.
    ///
    /// - Throws: ``Complaint``.
    func resolve(
        _ configuration: Configuration,
        environment: (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
    ) throws(Complaint) -> GatewayClient.Configuration {
        let url =
            gateway ?? environment("GATEWAY_URL").flatMap { $0.isEmpty ? nil : $0 }
            ?? configuration.gateway ?? "http://127.0.0.1:8000"
        let address = url.split(separator: "://", maxSplits: 1)
        guard ["http", "https"].contains(address.first), address.count == 2,
            url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw Complaint(
                "the gateway's address must look like http://127.0.0.1:8000", .badSettings)
        }
        return GatewayClient.Configuration(
            url: url, token: try (tokenFile ?? configuration.tokenFile).map(Self.token))
    }

    private static func token(_ path: String) throws(Complaint) -> String {
        let bytes: [UInt8]
        do {
            bytes = try TextFile.read(path, limit: 16_384)
        } catch {
            throw Complaint("cannot read the token file \(path): \(error.reason)", .badSettings)
        }
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard !line.isEmpty, line.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Complaint(
                "the first line of the token file \(path) is no token: visible ASCII alone",
                .badSettings)
        }
        return String(decoding: line, as: UTF8.self)
    }

    /// Runs `body` with a client that is closed afterwards.
    func withClient<Result>(
        _ body: (GatewayClient) async throws -> Result
    ) async throws -> Result {
        let client = GatewayClient(try resolve(try Configuration.load(Folders())))
        do {
            let result = try await body(client)
            await client.shutdown()
            return result
        } catch {
            await client.shutdown()
            throw error
        }
    }
}

/// The answer as JSON.
struct FormatOptions: ParsableArguments {
    @Flag(help: "Print JSON, as the gateway sent it.")
    var json = false
}
