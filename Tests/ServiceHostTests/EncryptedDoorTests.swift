import AsyncHTTPClient
import Foundation
import LocalStack
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import ServiceHost
import Testing

/// A certificate on disk, by an authority of its own, for one test.
struct TestCertificates: ~Copyable {
    let files: Certificates

    init() async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "kassa-certificates-\(UUID().uuidString)")
            .path(percentEncoded: false)
        files = Certificates(folder: folder)
        try await files.prepare()
    }

    deinit { try? FileManager.default.removeItem(atPath: files.folder) }

    func loaded() throws -> ServerCertificates {
        try ServerCertificates(certificateFile: files.certificate, keyFile: files.key)
    }
}

@Suite struct EncryptedDoorTests {
    /// A client that trusts the authority alone; it remembers the certificate it was shown.
    private func withClient<Result>(
        trusting authority: String, _ change: (inout TLSConfiguration) -> Void = { _ in },
        _ body: (HTTPClient) async throws -> Result
    ) async throws -> Result {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file(authority)
        change(&tls)
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.httpVersion = .http1Only
        let client = HTTPClient(
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
        do {
            let result = try await body(client)
            try await client.shutdown()
            return result
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    private func status(
        _ client: HTTPClient, _ door: Door, host: String = "localhost", close: Bool = false
    ) async throws -> UInt {
        var request = HTTPClientRequest(url: "https://\(host):\(door.port)/health")
        if close { request.headers.add(name: "Connection", value: "close") }
        let answer = try await client.execute(request, timeout: .seconds(30))
        _ = try await answer.body.collect(upTo: 65_536)
        return answer.status.code
    }

    private func status(
        trusting authority: String, _ door: Door, host: String = "localhost", close: Bool = false
    ) async throws -> UInt {
        try await withClient(trusting: authority) { client in
            try await status(client, door, host: host, close: close)
        }
    }

    @Test func `a door with a certificate serves those who trust it, and nobody in the clear`()
        async throws
    {
        let certificates = try await TestCertificates()
        let authority = certificates.files.authority
        try await Door.open(certificates: certificates.loaded()) { door in
            let served = [
                try await status(trusting: authority, door),
                try await status(trusting: authority, door, host: "127.0.0.1"),
                try await status(trusting: authority, door, close: true),
            ]
            #expect(served == [200, 200, 200])
            let clear = try await door.get("/health")
            #expect(clear.status == 0, "\(clear)")
            await #expect(throws: (any Error).self) {
                try await status(trusting: "/etc/ssl/certs/ca-certificates.crt", door)
            }
        }
    }

    @Test(arguments: [(TLSVersion.tlsv11, false), (.tlsv12, true), (.tlsv13, true)])
    func `TLS before 1.2 is refused`(version: TLSVersion, isTaken: Bool) async throws {
        let certificates = try await TestCertificates()
        let authority = certificates.files.authority
        try await Door.open(certificates: certificates.loaded()) { door in
            let answer = try? await withClient(
                trusting: authority,
                {
                    $0.minimumTLSVersion = .tlsv1
                    $0.maximumTLSVersion = version
                }, { try await status($0, door) })
            #expect((answer == 200) == isTaken)
        }
    }

    @Test func `a new certificate counts for new connections, and open ones go on`() async throws {
        let certificates = try await TestCertificates()
        let other = try await TestCertificates()
        let (files, fresh) = (certificates.files, other.files)
        let loaded = try certificates.loaded()
        try await Door.open(certificates: loaded) { door in
            try await withClient(trusting: files.authority) { old in
                let first = try await status(old, door)
                for (from, to) in [
                    (fresh.certificate, files.certificate), (fresh.key, files.key),
                ] {
                    let bytes = try Data(contentsOf: URL(filePath: from))
                    try bytes.write(to: URL(filePath: to))
                }
                // Nothing counts before it was read.
                let unread = try await status(trusting: files.authority, door)
                try loaded.reload()
                let new = try await status(trusting: fresh.authority, door)
                // The connection that is kept never saw the new certificate, which it would refuse.
                let kept = try await status(old, door)
                #expect([first, unread, new, kept] == [200, 200, 200, 200])
                await #expect(throws: (any Error).self) {
                    try await status(trusting: files.authority, door)
                }
            }
        }
    }

    @Test func `files that cannot be used leave what was there`() async throws {
        let certificates = try await TestCertificates()
        let other = try await TestCertificates()
        let files = certificates.files
        let loaded = try certificates.loaded()
        let foreignKey = try Data(contentsOf: URL(filePath: other.files.key))
        for (bytes, word) in [
            (foreignKey, "is not the key of"), (Data("no key".utf8), "no private key"),
        ] {
            try bytes.write(to: URL(filePath: files.key))
            let fault = #expect(throws: ConfigurationFault.self) { try loaded.reload() }
            #expect(fault?.description.contains(word) == true)
        }
        try Data().write(to: URL(filePath: files.certificate))
        let fault = #expect(throws: ConfigurationFault.self) { try loaded.reload() }
        #expect(fault?.description.contains("no certificate") == true)
        try await Door.open(certificates: loaded) { door in
            let served = try await status(trusting: files.authority, door)
            #expect(served == 200)
        }
    }
}
