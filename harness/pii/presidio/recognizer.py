"""Our detector inside the user's Presidio, as one recognizer among theirs."""

from collections.abc import Collection, Sequence
from typing import Any

from presidio_analyzer import (
    AnalysisExplanation,
    AnalyzerEngine,
    EntityRecognizer,
    LocalRecognizer,
    RecognizerRegistry,
    RecognizerResult,
)

from harness.pii.detector import detector
from harness.pii.interface import OperatingPoint, PiiSpan
from harness.pii.presidio.blank_nlp import BlankNlpEngine

ENTITIES = (
    *(
        "PERSON",
        "LOCATION",
        "EMAIL_ADDRESS",
        "PHONE_NUMBER",
        "DATE_OF_BIRTH",
        "AGE",
        "ID",
        "URL",
        "IP_ADDRESS",
        "MAC_ADDRESS",
    ),
    *("CREDIT_CARD", "IBAN_CODE", "CRYPTO", "US_BANK_NUMBER", "API_KEY", "PASSWORD"),
    *("US_SSN", "US_ITIN", "US_PASSPORT", "US_DRIVER_LICENSE", "CA_SIN", "MX_CURP", "MX_RFC", "BR_CPF", "BR_CNPJ"),
    *("AR_CUIT", "AR_DNI", "CL_RUT", "CO_NIT", "VE_CEDULA", "UK_NINO", "UK_NHS", "IE_PPS", "ES_NIF", "ES_NIE"),
    *(
        "IT_FISCAL_CODE",
        "DE_TAX_ID",
        "DE_SOCIAL_SECURITY",
        "FR_NIR",
        "NL_BSN",
        "PL_PESEL",
        "PT_NIF",
        "SE_PERSONNUMMER",
        "DK_CPR",
    ),
    *("NO_FODSELSNUMMER", "FI_PERSONAL_IDENTITY_CODE", "BE_NATIONAL_NUMBER", "CH_AHV", "AT_SVNR", "CZ_RODNE_CISLO"),
    *("HR_OIB", "RO_CNP", "LV_PERSONAL_CODE", "RU_SNILS", "RU_INN", "RU_PASSPORT", "TR_ID", "IL_ID", "AE_EMIRATES_ID"),
    *("IN_AADHAAR", "IN_PAN", "PK_CNIC", "CN_ID", "JP_MY_NUMBER", "KR_RRN", "SG_NRIC_FIN", "TW_ID", "HK_ID", "MY_NRIC"),
    *("TH_TNIN", "AU_TFN", "AU_MEDICARE", "ZA_ID"),
)
"""What the detector finds, in Presidio's vocabulary where that has a word."""
_NAME = "ReverseRagRecognizer"


class ReverseRagRecognizer(LocalRecognizer):  # type: ignore[misc]
    """Finds names, addresses, contact data, numbers and secrets in chat text, in Presidio's terms.

    It looks at the text itself and needs no NLP artifacts, so any NLP engine
    does, a blank one too. All its instances share one engine.

    Args:
        supported_entities: Only these are found; None: all of ``ENTITIES``.
        name: What Presidio's results call it.
        supported_language: Presidio runs a recognizer for one language; this one finds the same in all of them.
        version: Shown by Presidio.
        context: Presidio's context words; none are needed.
        point: ``strict`` finds as much as it can; ``precise`` flags only what is surely personal.
        known: Values that are known to be personal, found in every variant.
    """

    def __init__(
        self,
        supported_entities: Sequence[str] | None = None,
        name: str = _NAME,
        supported_language: str = "en",
        version: str = "1",
        context: Sequence[str] | None = None,
        *,
        point: OperatingPoint = "strict",
        known: Sequence[str] = (),
    ) -> None:
        self._detector = detector(point)
        self._point = point
        self._known = tuple(known)
        # Presidio's list may lag behind what the detector finds; nothing found may fall between the two.
        self._finds_all = supported_entities is None
        super().__init__(
            supported_entities=list(ENTITIES if supported_entities is None else supported_entities),
            name=name,
            supported_language=supported_language,
            version=version,
            context=None if context is None else list(context),
        )

    def load(self) -> None:
        """Do nothing; the model is part of the package."""

    def prepare(self, texts: Collection[str]) -> None:
        """Look at many texts at once, so that ``analyze`` is quick for them; a few thousand at most."""
        self._detector.prepare(texts)

    def analyze(
        self,
        text: str,
        entities: Sequence[str] | None = None,
        nlp_artifacts: Any = None,  # noqa: ARG002 - part of the interface
    ) -> list[RecognizerResult]:
        """Return what is personal in a text; results do not overlap.

        Args:
            text: Any text.
            entities: Only these; None: all.
            nlp_artifacts: Not looked at.
        """
        wanted = frozenset(self.supported_entities if entities is None else entities)
        everything = self._finds_all and wanted.issuperset(self.supported_entities)
        spans = self._detector.find(text, known=self._known)
        return [self._result(span) for span in spans if everything or span.entity in wanted]

    def _result(self, span: PiiSpan) -> RecognizerResult:
        return RecognizerResult(
            entity_type=span.entity,
            start=span.start,
            end=span.end,
            score=span.score,
            analysis_explanation=AnalysisExplanation(
                recognizer=self.name,
                original_score=span.score,
                textual_explanation=f"{span.entity}: {span.why} (operating point: {self._point})",
            ),
            recognition_metadata={
                RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
                RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
            },
        )


def analyzer(
    languages: Sequence[str] = ("en",),
    *,
    recognizers: Sequence[EntityRecognizer] = (),
    point: OperatingPoint = "strict",
) -> AnalyzerEngine:
    """Return Presidio's engine with our recognizer and no model to download.

    ``BatchAnalyzerEngine(analyzer())`` shows texts to the detector many at a
    time, which other NLP engines do not.

    Args:
        languages: That texts may be said to be in; the detector finds the same in all.
        recognizers: Further ones, of the user's.
        point: See ``ReverseRagRecognizer``.
    """
    ours = [ReverseRagRecognizer(supported_language=language, point=point) for language in languages]
    return AnalyzerEngine(
        registry=RecognizerRegistry([*ours, *recognizers], supported_languages=list(languages)),
        nlp_engine=BlankNlpEngine(languages, prepare=ours[0].prepare),
        supported_languages=list(languages),
    )
