import NIOCertificateReloading
import NIOCore
package import NIOSSL
import Synchronization

/// The certificate by which the doors prove themselves, and its key: read from two files, and read
/// anew when told to. Connections that are open keep what they began with.
package final class ServerCertificates: CertificateReloader {
    private let certificateFile: String
    private let keyFile: String
    private let current: Mutex<NIOSSLContextConfigurationOverride>

    /// - Parameters:
    ///   - certificateFile: PEM, the door's own certificate first, then those up to its root.
    ///   - keyFile: PEM, the key of the first.
    /// - Throws: ``ConfigurationFault`` where they cannot be used.
    package init(certificateFile: String, keyFile: String) throws(ConfigurationFault) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        current = Mutex(try Self.read(certificateFile, keyFile))
    }

    /// Reads the files again. Where they cannot be used, what was there before stays.
    package func reload() throws(ConfigurationFault) {
        let fresh = try Self.read(certificateFile, keyFile)
        current.withLock { $0 = fresh }
    }

    /// What the next handshake uses.
    package var sslContextConfigurationOverride: NIOSSLContextConfigurationOverride {
        current.withLock { $0 }
    }

    /// For a server: TLS 1.2 or later, and whatever certificate is current at each handshake.
    ///
    /// - Parameter protocols: what is spoken over it, by the names that TLS has for them (ALPN).
    package func configuration(protocols: [String]) throws -> TLSConfiguration {
        var configuration = try TLSConfiguration.makeServerConfiguration(certificateReloader: self)
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = protocols
        // A peer that does not take leave must not hold up the daemon's stop.
        configuration.shutdownTimeout = .seconds(1)
        return configuration
    }

    private static func read(
        _ certificateFile: String, _ keyFile: String
    ) throws(ConfigurationFault) -> NIOSSLContextConfigurationOverride {
        let chain: [NIOSSLCertificateSource]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificateFile).map { .certificate($0) }
        } catch {
            throw ConfigurationFault("\(certificateFile) holds no certificate in PEM: \(error)")
        }
        let key: NIOSSLPrivateKeySource
        do {
            key = .privateKey(try NIOSSLPrivateKey(file: keyFile, format: .pem))
        } catch {
            throw ConfigurationFault("\(keyFile) holds no private key in PEM: \(error)")
        }
        do {
            // A context is made to see whether the two belong together: a handshake would be late.
            _ = try NIOSSLContext(
                configuration: .makeServerConfiguration(certificateChain: chain, privateKey: key))
        } catch {
            throw ConfigurationFault("\(keyFile) is not the key of \(certificateFile)")
        }
        var override = NIOSSLContextConfigurationOverride()
        override.certificateChain = chain
        override.privateKey = key
        return override
    }
}
