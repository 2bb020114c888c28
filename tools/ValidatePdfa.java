// Validates PDFs against PDF/A-3u with veraPDF's engine; one line a file, then what fails in it.
// Run by tools/validate_pdfa.py, which knows where the engine is.

import java.io.FileInputStream;
import java.util.Map;
import java.util.TreeMap;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

public class ValidatePdfa {
    public static void main(String[] paths) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        boolean whole = true;
        for (String path : paths) {
            try (FileInputStream file = new FileInputStream(path);
                    PDFAParser parser =
                            Foundries.defaultInstance().createParser(file, PDFAFlavour.PDFA_3_U);
                    PDFAValidator validator =
                            Foundries.defaultInstance()
                                    .createValidator(PDFAFlavour.PDFA_3_U, false)) {
                ValidationResult result = validator.validate(parser);
                System.out.println((result.isCompliant() ? "PASS " : "FAIL ") + path);
                whole &= result.isCompliant();
                Map<String, String> failed = new TreeMap<>();
                for (TestAssertion one : result.getTestAssertions()) {
                    if (one.getStatus() == TestAssertion.Status.FAILED) {
                        String rule = one.getRuleId().getClause() + "-"
                                + one.getRuleId().getTestNumber() + " " + one.getMessage();
                        failed.putIfAbsent(rule, one.getLocation().getContext());
                    }
                }
                failed.forEach((rule, where) -> System.out.println("  " + rule + "\n    " + where));
            }
        }
        System.exit(whole ? 0 : 1);
    }
}
