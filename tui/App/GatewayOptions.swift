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
            "A file whose first line is sent as a bearer token.",
            discussion: "Else GATEWAY_TOKEN_FILE, else the configuration.", valueName: "path"),
        completion: .file())
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "Who vouches for an https gateway's certificate: a file in PEM.",
            discussion:
                "Else GATEWAY_CA_FILE, else the configuration, else those whom the system trusts.",
            valueName: "path"),
        completion: .file())
    var caFile: String?

    /// What the client is to use.
    ///
    /// - Throws: ``Complaint``.
    func resolve(
        _ configuration: Configuration,
        environment: (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
    ) throws(Complaint) -> GatewayClient.Configuration {
        func given(_ name: String) -> String? {
            environment(name).flatMap { $0.isEmpty ? nil : $0 }
        }
        let url =
            gateway ?? given("GATEWAY_URL") ?? configuration.gateway ?? "http://127.0.0.1:8000"
        let address = url.split(separator: "://", maxSplits: 1)
        guard ["http", "https"].contains(address.first), address.count == 2,
            url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw Complaint(
                "the gateway's address must look like http://127.0.0.1:8000", .badSettings)
        }
        let token = tokenFile ?? given("GATEWAY_TOKEN_FILE") ?? configuration.tokenFile
        let authority = caFile ?? given("GATEWAY_CA_FILE") ?? configuration.caFile
        return GatewayClient.Configuration(
            url: url, token: try token.map(Self.token),
            certificateAuthority: try authority.map(Self.authority))
    }

    /// The file itself is read by the TLS library; here it is only seen to be one.
    private static func authority(_ path: String) throws(Complaint) -> String {
        let bytes: [UInt8]
        do {
            bytes = try TextFile.read(path, limit: 1_048_576)
        } catch {
            throw Complaint("cannot read the CA file \(path): \(error.reason)", .badSettings)
        }
        guard String(decoding: bytes, as: UTF8.self).contains("-----BEGIN CERTIFICATE-----") else {
            throw Complaint("the CA file \(path) holds no certificate in PEM", .badSettings)
        }
        return path
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
