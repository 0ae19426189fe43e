package pocketkms;

import static org.junit.jupiter.api.Assertions.*;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pocketkms.api.*;

/** From Java: no Companion, no null for what is left out, no number that Java does not have, and exceptions that it may catch. */
class JavaTest {
    private static final byte[] PHOTO = new byte[300_000];

    @TempDir
    Path folder;

    @Test
    void errors() throws KmsException {
        try (Vault vault = Vault.inMemory(RootKey.generate())) {
            Kms kms = vault.client();
            try {
                kms.describeKey(new DescribeKeyRequest("alias/nobody"));
                fail("it was found");
            } catch (KmsException.NotFound error) {
                assertEquals("NotFoundException", error.getName());
                assertEquals(400, error.getHttpStatus());
            }
            assertThrows(KmsException.Validation.class, () -> new ManualClock(Instant.EPOCH).advanceDays(-1));
        }
        try (EncryptionClient client = new EncryptionClient()) {
            Keyring keyring = Keyring.rawAes("album", "key", new byte[32]);
            MessageIOException error = assertThrows(MessageIOException.class,
                () -> StreamsKt.decrypt(client, keyring, new ByteArrayInputStream(new byte[10]), new ByteArrayOutputStream()));
            assertTrue(error.getCause() instanceof KmsException.InvalidMessage);
        }
    }

    /** What a request may have is set by name; each request that is built is one of its own. */
    @Test
    void builders() throws KmsException {
        try (Vault vault = Vault.inMemory(RootKey.generate())) {
            Kms kms = vault.client();
            KeyMetadata key = kms.createKey(new CreateKeyRequest.Builder().description("orders").multiRegion(true).build()).getKeyMetadata();
            assertEquals("orders", key.getDescription());
            assertEquals(Boolean.TRUE, key.getMultiRegion());
            EncryptRequest.Builder builder = new EncryptRequest.Builder(key.getKeyId(), "card".getBytes()).dryRun(true);
            EncryptRequest tried = builder.build();
            EncryptRequest request = builder.dryRun(null).encryptionContext(Collections.singletonMap("order", "4711")).build();
            assertThrows(KmsException.DryRunOperation.class, () -> kms.encrypt(tried));
            assertNull(tried.getEncryptionContext());
            assertNotNull(kms.encrypt(request).getCiphertextBlob());
            GenerateDataKeyRequest bytes = new GenerateDataKeyRequest.Builder(key.getKeyId()).numberOfBytes(64).build();
            assertEquals(64, kms.generateDataKey(bytes).getPlaintext().length);
            assertEquals(1024, (int) new EncryptOptions.Builder().frameLength(1024).build().getFrameLength());
        }
    }

    @Test
    void vaultsAndKeys() throws KmsException {
        String path = folder.resolve("keys.vault").toString();
        RootKey root = ConveniencesKt.fromPassphrase(RootKey.Companion, "correct horse", new Argon2Cost(1024, 1, 1));
        byte[] blob;
        try (Vault vault = Vault.create(path, root, "111122223333", "eu-central-1")) {
            Kms kms = vault.client();
            // What is not among the first members is set.
            CreateKeyRequest request = new CreateKeyRequest();
            request.setDescription("orders");
            request.setTags(Collections.singletonList(new Tag("team", "a")));
            KeyMetadata key = kms.createKey(request).getKeyMetadata();
            assertEquals("orders", key.getDescription());
            assertEquals("111122223333", vault.caller().getAccountId());
            blob = kms.encrypt(new EncryptRequest(key.getKeyId(), "card".getBytes(), Collections.singletonMap("order", "4711"))).getCiphertextBlob();
            List<String> ids = new ArrayList<>();
            Iterator<ListKeysResponse> pages = OperationPagesKt.paginate(kms, new ListKeysRequest()).iterator();
            while (pages.hasNext()) pages.next().getKeys().forEach(entry -> ids.add(entry.getKeyId()));
            assertEquals(Collections.singletonList(key.getKeyId()), ids);
            vault.setGrantDelay(5);
            assertTrue(vault.revision() > 0);
        }
        try (Vault vault = Vault.open(path, root)) {
            DecryptRequest request = new DecryptRequest(blob);
            request.setEncryptionContext(Collections.singletonMap("order", "4711"));
            assertEquals("card", new String(vault.client().decrypt(request).getPlaintext()));
            assertFalse(vault.addRecoveryKey().getText().isEmpty());
        }
    }

    @Test
    void messagesStreamsAndFiles() throws Exception {
        EncryptionClient client = new EncryptionClient();
        Keyring keyring = Keyring.rawAes("album", "key", new byte[32]);
        EncryptOptions options = new EncryptOptions();
        options.setFrameLength(4096);
        options.setPlaintextLength((long) PHOTO.length);
        byte[] message = client.encrypt(keyring, PHOTO, options).getMessage();
        assertEquals(4096, client.decrypt(keyring, message).getHeader().getFrameLength());

        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        assertEquals(PHOTO.length, StreamsKt.encrypt(client, keyring, new ByteArrayInputStream(PHOTO), sink));
        try (InputStream plaintext = StreamsKt.decryptingInputStream(client, keyring, new ByteArrayInputStream(sink.toByteArray()))) {
            assertEquals(0, plaintext.read());
        }
        try (MessageOutputStream stream = StreamsKt.encryptingOutputStream(client, keyring, new ByteArrayOutputStream())) {
            stream.write(PHOTO);
            stream.finish();
        }
        MessageOutputStream given = StreamsKt.encryptingOutputStream(client, keyring, new ByteArrayOutputStream());
        given.abort();
        assertThrows(IOException.class, () -> given.write(1));

        File plain = Files.write(folder.resolve("plain"), PHOTO).toFile();
        File encrypted = folder.resolve("encrypted").toFile();
        FilesKt.encryptFile(client, keyring, plain, encrypted, options, (done, total) -> done <= total);
        try (SeekableByteChannel channel = RandomAccessKt.decryptingChannel(client, keyring, encrypted)) {
            assertEquals(PHOTO.length, channel.size());
            assertEquals(10, channel.position(100_000).read(ByteBuffer.allocate(10)));
        }
        FileException refused = assertThrows(FileException.class, () -> FilesKt.decryptFile(client, keyring, plain, folder.resolve("none").toFile()));
        assertEquals("InvalidMessageException", refused.getName());
        RewrapReport report = FilesKt.directory(new RewrapBatch(client, keyring, Keyring.rawAes("album", "new", new byte[32])), folder.toFile());
        assertEquals(1L, report.getRewrapped());
    }
}
