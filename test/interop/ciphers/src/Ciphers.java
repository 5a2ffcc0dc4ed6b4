import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.springframework.core.io.FileSystemResource;
import org.springframework.security.crypto.encrypt.Encryptors;
import org.springframework.security.crypto.encrypt.KeyStoreKeyFactory;
import org.springframework.security.crypto.encrypt.RsaAlgorithm;
import org.springframework.security.crypto.encrypt.RsaSecretEncryptor;
import org.springframework.security.crypto.encrypt.TextEncryptor;

/**
 * Encrypts and decrypts with Spring Security's own classes. A line of standard input is a task, its fields in base64, separated by blanks:
 * operation (encrypt, decrypt), text, kind (password, pem, store) and what the kind needs. A line of output is its answer: "ok" and the
 * text in base64, or "failed".
 */
public class Ciphers {

    private static final Map<String, TextEncryptor> encryptors = new HashMap<>();

    public static void main(String[] arguments) throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] encoded = line.split(" ", -1);
            String[] fields = new String[encoded.length];
            for (int i = 0; i < encoded.length; i++) {
                fields[i] = new String(Base64.getDecoder().decode(encoded[i]), StandardCharsets.UTF_8);
            }
            System.out.println(answer(fields));
        }
    }

    private static String answer(String[] fields) {
        try {
            String key = String.join("\n", Arrays.copyOfRange(fields, 2, fields.length));
            TextEncryptor encryptor = encryptors.computeIfAbsent(key, (missing) -> encryptor(fields));
            String text = fields[0].equals("encrypt") ? encryptor.encrypt(fields[1]) : encryptor.decrypt(fields[1]);
            return "ok " + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        } catch (RuntimeException exception) {
            return "failed " + exception.getClass().getName();
        }
    }

    private static TextEncryptor encryptor(String[] fields) {
        switch (fields[2]) {
            case "password":
                return Encryptors.text(fields[3], fields[4]);
            case "pem":
                return new RsaSecretEncryptor(fields[3]);
            default:
                KeyStoreKeyFactory factory = new KeyStoreKeyFactory(new FileSystemResource(fields[3]), fields[4].toCharArray(), fields[5]);
                return new RsaSecretEncryptor(factory.getKeyPair(fields[6], fields[7].toCharArray()), RsaAlgorithm.valueOf(fields[8]),
                        fields[9], Boolean.parseBoolean(fields[10]));
        }
    }
}
