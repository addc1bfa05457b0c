"""Kinds of citations of abstracts, each with the rule by which it is read; the names in them are invented.

A row has the citation, and what was read: people | title | journal | date | volume, part, pages, number | meeting, place,
days | type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from digest.cite.reading import Reading, read_reference
from digest.cite.reading.numbers import number_at_title
from digest.cite.reading.volumes import volume_that_begins
from tests import citation_reading

if TYPE_CHECKING:
    from pathlib import Path

    from digest.model import Record

# What publishers and reference managers print: the “Cite” of Oxford, Silverchair and HighWire, the numbered styles of
# EndNote and Elsevier, MLA, MDPI, Nature. A title may follow the names after a comma; “Phase III” is not a name; a
# number with a comma for thousands is not a volume and a page.
#
# Numbers of abstracts: before the title, with or without a sign (ESMO 632P, EHA PB1764, EULAR OP0123, ADA 222-OR, SABCS
# P6-13-02, AUA MP12-34), after it (AAN, ECTRIMS), or after the page (IASLC, ISPOR). E2108 is a trial of ECOG. AHA prints
# number and page, A16722. ATS's A1234 and ERS's PA1234 are pages that only abstracts have.
#
# Meetings: before or after the place in a journal, in its name, with days and place in any order and language.
#
# Digits that ran together are separated only by what is known: the journal's volumes, letters, equal ends of pages.
KINDS: Final = {
    "given names first, and an initial before one": (
        "F. Stephen Roe, Jedd D. Poe, Max Doe. Feathers of ducks in winter. In: Proceedings of the American Association for "
        "Cancer Research Annual Meeting 2019; 2019 Mar 29-Apr 3; Atlanta, GA. Philadelphia (PA): AACR; Cancer Res 2019;79(13 "
        "Suppl):Abstract nr CT037.",
        "Roe FS, Poe JD, Doe M | Feathers of ducks in winter | Cancer Res | 2019 | v79 i13 sSuppl nCT037 | American "
        "Association for Cancer Research Annual Meeting 2019 @ Atlanta, GA @ 2019-03-29/2019-04-03 | meeting-abstract",
    ),
    "one full name and others, and AACR's form without “In:”": (
        "Jane Roe et al. “Feathers of ducks” [abstract]. Proceedings of the American Association for Cancer Research Annual "
        "Meeting 2024; Part 1 (Regular Abstracts); 2024 Apr 5-10; San Diego, CA. Philadelphia (PA): AACR; Cancer Res "
        "2024;84(6_Suppl):Abstract nr 7419",
        "Roe J, et al. | Feathers of ducks | Cancer Res | 2024 | v84 i6 sSuppl n7419 | American Association for Cancer "
        "Research Annual Meeting 2024 @ San Diego, CA @ 2024-04-05/2024-04-10 | meeting-abstract",
    ),
    "only the first name is inverted": (
        "Roe, J. E., M. U. Poe, Q. Doe. Feathers of ducks. Poster presented at: Duck Congress; 2022 October 25-29; Oslo.",
        "Roe JE, Poe MU, Doe Q | Feathers of ducks |  | 2022-10-25 |  | Duck Congress @ Oslo @ 2022-10-25/2022-10-29 | "
        "meeting-abstract",
    ),
    "one name without initials, and others": (
        "Roe et al., Feathers of ducks in winter: a study, J Duck Res, 2019, Volume 156, Issue 6, Supplement 1, Pages "
        "S-122–S-123.",
        "Roe, et al. | Feathers of ducks in winter: a study | J Duck Res | 2019 | v156 i6 s1 pS-122-S-123 |  | "
        "meeting-abstract",
    ),
    "initials before one name, and a number after a semicolon": (
        "JC Roe et al., Feathers of ducks in winter; Abstract #611, Conference on Ducks, Boston, MA, March 3-6, 2014",
        "Roe JC, et al. | Feathers of ducks in winter |  | 2014 | n611 | Conference on Ducks @ Boston, MA @ "
        "2014-03-03/2014-03-06 | meeting-abstract",
    ),
    "a journal with stops inside": (
        "Jane A. Roe, Karl Poe; Retinas of ducks. Invest. Ophthalmol. Vis. Sci. 2011;52(14):3669",
        "Roe JA, Poe K | Retinas of ducks | Invest. Ophthalmol. Vis. Sci | 2011 | v52 i14 p3669 |  | article",
    ),
    "Oxford's line after full names": (
        "Jane Roe, Karl Poe, Ann Doe, 0094 Feathers of Ducks as a Measure of Sleep, Sleep, Volume 45, Issue Supplement_1, "
        "June 2022, Pages A42–A43",
        "Roe J, Poe K, Doe A | Feathers of Ducks as a Measure of Sleep | Sleep | 2022-06 | v45 s1 pA42-A43 n0094 |  | "
        "meeting-abstract",
    ),
    "four capitals and digits before the title": (
        "Roe J, Poe K. CTIM-25. A study of ducks. Neuro Oncol. 2021;23(Suppl 6):vi55–vi56.",
        "Roe J, Poe K | A study of ducks | Neuro Oncol | 2021 | v23 s6 pvi55-vi56 nCTIM-25 |  | meeting-abstract",
    ),
    "a number in brackets of its own": (
        "Roe J, Poe A. (P23) Is feeding of ducks useful? J Duck Care. 2016 Dec 2;28(22 Suppl 1):4507-9.",
        "Roe J, Poe A | Is feeding of ducks useful? | J Duck Care | 2016-12-02 | v28 i22 s1 p4507-4509 nP23 |  | "
        "meeting-abstract",
    ),
    "APA's suffix between commas, and a group as the last author": (
        "Roe, J. M., Poe, P., Jr., & World Duck Panel. (2021). Feathers in ponds. Journal of Duck Research, 15(2), 12–19.",
        "Roe JM, Poe P Jr, World Duck Panel | Feathers in ponds | Journal of Duck Research | 2021 | v15 i2 p12-19 |  | "
        "article",
    ),
    "a meeting's own name with its society": (
        "Roe K, et al. Population modeling of ducks. ACR Convergence 2023, abstract 1379.",
        "Roe K, et al. | Population modeling of ducks |  | 2023 | n1379 | ACR Convergence 2023 @ 2023 | "
        "meeting-abstract",
    ),
    "initials first, without stops": (
        "P Roe, A D Poe, C Doe, P1489 An audit of ducks in ponds, EP Europace, Volume 22, Issue Supplement_1, June "
        "2020, euaa162.332",
        "Roe P, Poe AD, Doe C | An audit of ducks in ponds | EP Europace | 2020-06 | v22 s1 peuaa162.332 nP1489 |  | "
        "meeting-abstract",
    ),
    "HighWire's line of JCO": (
        "JCO, Vol 33, No 15_suppl (May 20 Supplement), 2015: 2540",
        " | [Abstract 2540] | J Clin Oncol | 2015-05-20 | v33 i15 sSuppl n2540 | ASCO | meeting-abstract",
    ),
    "ScienceDirect's line": (
        "Gastroenterology, Volume 152, Issue 5, Supplement 1, 2017, Page S199, ISSN 0016-5085.",
        " | [Abstract S199] | Gastroenterology | 2017 | v152 i5 s1 pS199 |  | meeting-abstract",
    ),
    "a lead-in": (
        "How to cite this article: Roe J, Poe A. Feathers of ducks. Blood 2019;134(Suppl 1):766.",
        "Roe J, Poe A | Feathers of ducks | Blood | 2019 | v134 s1 p766 | ASH | meeting-abstract",
    ),
    "a title in quotation marks": (
        'Roe J, Poe A, et al. "Feathers of Ducks in Ponds." Eur Respir J. 2015;46(Suppl 59):PA4241.',
        "Roe J, Poe A, et al. | Feathers of Ducks in Ponds | Eur Respir J | 2015 | v46 s59 pPA4241 | ERS | "
        "meeting-abstract",
    ),
    "EndNote's numbered style": (
        "1. Roe, J., Poe, A., and Doe, K., Lanreotide in ducks. J Clin Oncol, 2014. 32(15_suppl): p. 4021-4021.",
        "Roe J, Poe A, Doe K | Lanreotide in ducks | J Clin Oncol | 2014 | v32 i15 sSuppl n4021 | ASCO | "
        "meeting-abstract",
    ),
    "Oxford's “Cite”": (
        "J. A. Roe, A. Poe, Lanreotide in ducks, Annals of Oncology, Volume 28, Issue suppl_5, September "
        "2017, Pages v403–v427, https://doi.org/10.1093/annonc/mdx376",
        "Roe JA, Poe A | Lanreotide in ducks | Ann Oncol | 2017-09 | v28 s5 pv403-v427 | ESMO | meeting-abstract",
    ),
    "Silverchair's “Cite”": (
        "Jane Roe, Adam Poe, Kim Doe; Lanreotide in Ducks. Blood 2019; 134 (Supplement_1): 766. doi: "
        "https://doi.org/10.1182/blood-2019-130983",
        "Roe J, Poe A, Doe K | Lanreotide in Ducks | Blood | 2019 | v134 s1 p766 | ASH | meeting-abstract",
    ),
    "Silverchair's, with a day": (
        "Jane Roe, Adam Poe; Abstract 2612: Lanreotide in ducks. Cancer Res 1 July 2019; 79 (13_Supplement): 2612.",
        "Roe J, Poe A | Lanreotide in ducks | Cancer Res | 2019-07-01 | v79 i13 sSuppl n2612 | AACR | meeting-abstract",
    ),
    "Elsevier, numbered": (
        "J. Roe, A. Poe, K. Doe, et al., 1234P Lanreotide in ducks, Ann. Oncol. 29 (2018) viii400–viii441.",
        "Roe J, Poe A, Doe K, et al. | Lanreotide in ducks | Ann Oncol | 2018 | v29 pviii400-viii441 n1234P | "
        " | meeting-abstract",
    ),
    "HighWire, until 2007": (
        "Journal of Clinical Oncology, 2006 ASCO Annual Meeting Proceedings Part I. Vol 24, No. 18S (June 20 "
        "Supplement), 2006: 14575",
        " | [Abstract 14575] | J Clin Oncol | 2006-06-20 | v24 s18 n14575 | ASCO | meeting-abstract",
    ),
    "HighWire, proceedings after the volume": (
        "Roe J, Poe A, et. al.: Lanreotide in ducks. J Clin Oncol 2007; 25: ASCO Annual Meeting Proceedings "
        "Part I. Abstract 4576",
        "Roe J, Poe A, et al. | Lanreotide in ducks | J Clin Oncol | 2007 | v25 n4576 | ASCO | meeting-abstract",
    ),
    "HighWire, proceedings in parentheses": (
        "Roe J, Poe A, and Bruce D. Doe on Behalf of the DUCK Study Group. Lanreotide in ducks. Blood (ASH "
        "Annual Meeting Abstracts), Nov 2005; 106: 750.",
        "Roe J, Poe A, Doe BD, DUCK Study Group | Lanreotide in ducks | Blood | 2005-11 | v106 p750 | ASH | "
        "meeting-abstract",
    ),
    "MLA": (
        "Roe, Jane, Adam Poe, and Kim Doe. “Lanreotide in Ducks.” Journal of Clinical Oncology, vol. 32, no. "
        "15_suppl, 20 May 2014, pp. 4021–4021.",
        "Roe J, Poe A, Doe K | Lanreotide in Ducks | J Clin Oncol | 2014-05-20 | v32 i15 sSuppl n4021 | ASCO | "
        "meeting-abstract",
    ),
    "MDPI": (
        "Roe, J.; Poe, A. Lanreotide in ducks. J Phys Ther Sci 2014, 26, 1929.",
        "Roe J, Poe A | Lanreotide in ducks | J Phys Ther Sci | 2014 | v26 p1929 |  | article",
    ),
    "Nature, a page like a year": (
        "Roe, J. & Poe, A. Lanreotide in ducks. Circulation 129, 1972 (2014).",
        "Roe J, Poe A | Lanreotide in ducks | Circulation | 2014 | v129 p1972 |  | article",
    ),
    "the number in the part": (
        "Roe J, et al. Lanreotide in ducks. J Clin Oncol. 2023;41(suppl 4; abstr 449).",
        "Roe J, et al. | Lanreotide in ducks | J Clin Oncol | 2023 | v41 s4 n449 | ASCO | meeting-abstract",
    ),
    "part and day": (
        "Roe J, Poe A. Lanreotide in ducks. J Clin Oncol 26 (May 20 suppl; abstr 4131), 2008.",
        "Roe J, Poe A | Lanreotide in ducks | J Clin Oncol | 2008-05-20 | v26 sSuppl n4131 | ASCO | meeting-abstract",
    ),
    "a colon before the part": (
        "Roe J, Poe A. Lanreotide in ducks. Ann Oncol. 2012;23:(Suppl 9). [abstract 3190].",
        "Roe J, Poe A | Lanreotide in ducks | Ann Oncol | 2012 | v23 s9 n3190 |  | meeting-abstract",
    ),
    "the part before the volume": (
        "Roe J, Poe A. Lanreotide in ducks [abstract]. Int J Radiat Oncol Biol Phys. 2006; (Suppl) 66:S355.",
        "Roe J, Poe A | Lanreotide in ducks | Int J Radiat Oncol Biol Phys | 2006 | v66 sSuppl pS355 |  | "
        "meeting-abstract",
    ),
    "another journal, as JCO prints it": (
        "Roe J, Poe A: Lanreotide in ducks. Eur Respir J 28:660s, 2006 (suppl 50)",
        "Roe J, Poe A | Lanreotide in ducks | Eur Respir J | 2006 | v28 s50 p660s |  | meeting-abstract",
    ),
    "a supplement without a volume": (
        "Roe J, Poe A. Lanreotide in ducks [abstract A549]. Intensive Care Med. 2001;(Suppl 2):S275.",
        "Roe J, Poe A | Lanreotide in ducks | Intensive Care Med | 2001 | s2 pS275 nA549 |  | meeting-abstract",
    ),
    "EHA: code and colon": (
        "Roe J, Poe A. PB1764: LANREOTIDE IN DUCKS. Hemasphere. 2023 Aug 8;7(Suppl ):e5127496.",
        "Roe J, Poe A | LANREOTIDE IN DUCKS | Hemasphere | 2023-08-08 | v7 sSuppl pe5127496 nPB1764 |  | meeting-abstract",
    ),
    "ESMO: code alone": (
        "Roe J, Poe A, et al. 632P Lanreotide in ducks. Annals of Oncology. 2023;34:S449.",
        "Roe J, Poe A, et al. | Lanreotide in ducks | Ann Oncol | 2023 | v34 pS449 n632P |  | meeting-abstract",
    ),
    "EULAR: code alone": (
        "Roe J, Poe A. OP0123 Lanreotide in ducks. Ann Rheum Dis 2019;78:135.",
        "Roe J, Poe A | Lanreotide in ducks | Ann Rheum Dis | 2019 | v78 p135 nOP0123 |  | meeting-abstract",
    ),
    "ADA: code before and as the page": (
        "Roe J, Poe A. 222-OR: Lanreotide in ducks. Diabetes 2019;68(Supplement_1):222-OR.",
        "Roe J, Poe A | Lanreotide in ducks | Diabetes | 2019 | v68 s1 n222-OR |  | meeting-abstract",
    ),
    "SABCS": (
        "Roe J, Poe A. Abstract P6-13-02: Lanreotide in ducks. Cancer Res 2013;73(24 Suppl):P6-13-02.",
        "Roe J, Poe A | Lanreotide in ducks | Cancer Res | 2013 | v73 i24 sSuppl nP6-13-02 |  | meeting-abstract",
    ),
    "AHA: number and page": (
        "Roe J, Poe A. Abstract 16722: Lanreotide in ducks. Circulation. 2023;148(Suppl 1):A16722–A16722.",
        "Roe J, Poe A | Lanreotide in ducks | Circulation | 2023 | v148 s1 pA16722 n16722 | AHA | meeting-abstract",
    ),
    "AAN: number after the title": (
        "Jane Roe, Adam Poe. Lanreotide in Ducks (1225). Neurology Apr 2021, 96 (15 Supplement) 1225.",
        "Roe J, Poe A | Lanreotide in Ducks | Neurology | 2021-04 | v96 i15 sSuppl n1225 | AAN | meeting-abstract",
    ),
    "IASLC: number after the page": (
        "Roe J, Poe A. Lanreotide in ducks. J Thorac Oncol 2017;12(1 Suppl):S1234, MA12.05.",
        "Roe J, Poe A | Lanreotide in ducks | J Thorac Oncol | 2017 | v12 i1 sSuppl pS1234 nMA12.05 |  | "
        "meeting-abstract",
    ),
    "ISPOR: number after the page": (
        "Roe J, Poe A. Lanreotide in ducks. Value Health 2014;17(7):A493. PCV12.",
        "Roe J, Poe A | Lanreotide in ducks | Value Health | 2014 | v17 i7 pA493 nPCV12 |  | meeting-abstract",
    ),
    "AUA": (
        "Roe J, Poe A. MP12-34 LANREOTIDE IN DUCKS. Journal of Urology 2019;201(Supplement 4):e123-e124.",
        "Roe J, Poe A | LANREOTIDE IN DUCKS | J Urol | 2019 | v201 s4 pe123-e124 nMP12-34 |  | meeting-abstract",
    ),
    "ATS: such pages are abstracts": (
        "Roe J, Poe A. Lanreotide in ducks. Am J Respir Crit Care Med 2014;189:A1234.",
        "Roe J, Poe A | Lanreotide in ducks | Am J Respir Crit Care Med | 2014 | v189 pA1234 | ATS | meeting-abstract",
    ),
    "a trial is not a number": (
        "Roe J, Poe A. E2108: A phase III trial of lanreotide in ducks [abstract]. Gut 2014;63(Suppl 1):A57.",
        "Roe J, Poe A | E2108: A phase III trial of lanreotide in ducks | Gut | 2014 | v63 s1 pA57 |  | "
        "meeting-abstract",
    ),
    "a phase is not a name": (
        "Roe, J., Poe, A., and Doe, K., Phase III study of lanreotide in ducks. Gut, 2014. 63(9): p. 1059-1063.",
        "Roe J, Poe A, Doe K | Phase III study of lanreotide in ducks | Gut | 2014 | v63 i9 p1059-1063 |  | article",
    ),
    "thousands are not a place": (
        "Roe J, Poe A. Pharmacology of lanreotide (ICI 182,780) in 302,865 ducks. Gut 2014;63(9):1059.",
        "Roe J, Poe A | Pharmacology of lanreotide (ICI 182,780) in 302,865 ducks | Gut | 2014 | v63 i9 p1059 "
        "|  | article",
    ),
    "SfN": (
        "Roe J, Poe A. Lanreotide in ducks. Program No. 123.45. Neuroscience 2014 Abstracts. Washington, DC: "
        "Society for Neuroscience, 2014. Online.",
        "Roe J, Poe A | Lanreotide in ducks |  | 2014 | n123.45 | Neuroscience 2014 Abstracts @ 2014 | "
        "meeting-abstract",
    ),
    "APA 7, the meeting's brackets": (
        "Roe, J., Poe, A. (2019). Lanreotide in ducks [Conference presentation abstract]. 62nd Annual Meeting "
        "of the Duck Society, San Diego, CA, United States.",
        "Roe J, Poe A | Lanreotide in ducks |  | 2019 |  | 62nd Annual Meeting of the Duck Society @ San "
        "Diego, CA, United States | meeting-abstract",
    ),
    "presented, then printed": (
        "Roe J, Poe A. Lanreotide in ducks. J Clin Oncol. 2019;37(suppl 4):abstr 123. Presented at: 2019 Duck "
        "Cancers Symposium; January 17-19, 2019; San Francisco, CA.",
        "Roe J, Poe A | Lanreotide in ducks | J Clin Oncol | 2019 | v37 s4 n123 | 2019 Duck Cancers Symposium "
        "@ San Francisco, CA @ 2019-01-17/2019-01-19 | meeting-abstract",
    ),
    "printed after “presented”": (
        "Roe J, Poe A. Lanreotide in ducks. Presented at: 2019 Duck Cancers Symposium; January 17-19, 2019; "
        "San Francisco, CA. J Clin Oncol. 2019;37(suppl 4):abstr 123.",
        "Roe J, Poe A | Lanreotide in ducks | J Clin Oncol | 2019 | v37 s4 n123 | 2019 Duck Cancers Symposium "
        "@ San Francisco, CA @ 2019-01-17/2019-01-19 | meeting-abstract",
    ),
    "presented, number, supplement": (
        "Roe J. Lanreotide in ducks [abstract]. Presented at: ACR Convergence 2021; Nov 5-9, 2021; Virtual. "
        "Abstract 1234. Arthritis Rheumatol. 2021;73(suppl 9).",
        "Roe J | Lanreotide in ducks | Arthritis Rheumatol | 2021 | v73 s9 n1234 | ACR Convergence 2021 @ "
        "Virtual @ 2021-11-05/2021-11-09 | meeting-abstract",
    ),
    "a meeting after the page": (
        "Roe J, Poe A. Lanreotide in ducks. Am J Respir Crit Care Med 211 (Suppl. 1), A3651. Conference "
        "abstract, ATS 2025 International Conference, San Francisco.",
        "Roe J, Poe A | Lanreotide in ducks | Am J Respir Crit Care Med | 2025 | v211 s1 pA3651 | ATS 2025 "
        "International Conference @ San Francisco @ 2025 | meeting-abstract",
    ),
    "a meeting after the title": (
        "Roe J, Poe A. Lanreotide in ducks. ARVO Annual Meeting Abstract. Invest Ophthalmol Vis Sci 2014;55(13):1234.",
        "Roe J, Poe A | Lanreotide in ducks | Invest Ophthalmol Vis Sci | 2014 | v55 i13 p1234 | ARVO Annual "
        "Meeting | meeting-abstract",
    ),
    "number, place and days after the name": (
        "Roe J, Poe A. Lanreotide in ducks. IDWeek 2019. Abstract 123. Washington, DC, October 2–6, 2019.",
        "Roe J, Poe A | Lanreotide in ducks |  | 2019-10-02 | n123 | IDWeek 2019 @ Washington, DC @ "
        "2019-10-02/2019-10-06 | meeting-abstract",
    ),
    "a place in parentheses": (
        "Roe J, Poe A. (2005) Lanreotide in ducks [abstract 344]. In: Program of the 54th annual meeting of "
        "the Society of Ducks (Washington, DC).",
        "Roe J, Poe A | Lanreotide in ducks |  | 2005 | n344 | Program of the 54th annual meeting of the "
        "Society of Ducks 2005 @ Washington, DC @ 2005 | meeting-abstract",
    ),
    "proceedings with their publisher": (
        "Roe J, Poe A. Lanreotide in ducks [abstract]. In: Proceedings of the 105th Annual Meeting of the "
        "Duck Association; 2014 Apr 5-9; San Diego, CA. Philadelphia (PA): ADA; 2014. Abstract nr 2612.",
        "Roe J, Poe A | Lanreotide in ducks |  | 2014-04-05 | n2612 | 105th Annual Meeting of the Duck "
        "Association @ San Diego, CA @ 2014-04-05/2014-04-09 | meeting-abstract",
    ),
    "an abbreviation and a poster": (
        "Roe J, Poe A. Lanreotide in ducks. 29th DUCKID, Amsterdam, 13-16 April 2019, poster P1234.",
        "Roe J, Poe A | Lanreotide in ducks |  | 2019 | nP1234 | 29th DUCKID @ Amsterdam @ "
        "2019-04-13/2019-04-16 | meeting-abstract",
    ),
    "letters, a year, a number": (
        "Roe J, et al. AASLD 2021. 803",
        "Roe J, et al. | [Abstract 803] |  | 2021 | n803 | AASLD 2021 @ 2021 | meeting-abstract",
    ),
    "letters, a year, an e-poster": (
        "Roe, J., Poe, A. (2021). Lanreotide in ducks: an analysis (P302). ECTRIMS 2021 - ePoster",
        "Roe J, Poe A | Lanreotide in ducks: an analysis |  | 2021 | nP302 | ECTRIMS 2021 @ 2021 | meeting-abstract",
    ),
    "German": (
        "Roe J, Müller K. Lanreotid bei Enten [Abstract]. 69. Jahrestagung der Entengesellschaft, Leipzig, "
        "17.–20. September 2014.",
        "Roe J, Müller K | Lanreotid bei Enten |  | 2014 |  | 69. Jahrestagung der Entengesellschaft @ "
        "Leipzig @ 2014-09-17/2014-09-20 | meeting-abstract",
    ),
    "French": (
        "Roe J, Poe A. Lanréotide chez le canard. Congrès de la SFD, Lille, 26-29 mars 2019. Résumé P123.",
        "Roe J, Poe A | Lanréotide chez le canard |  | 2019 | nP123 | Congrès de la SFD @ Lille @ "
        "2019-03-26/2019-03-29 | meeting-abstract",
    ),
    "Spanish": (
        "Roe J, Poe A. Lanreotida en patos. Congreso Nacional de la SEOM, Madrid, 12-14 de octubre de 2018. "
        "Póster 123.",
        "Roe J, Poe A | Lanreotida en patos |  | 2018 | n123 | Congreso Nacional de la SEOM @ Madrid @ "
        "2018-10-12/2018-10-14 | meeting-abstract",
    ),
    "no year, but a part": (
        "Roe J, Poe A, et al. Lanreotide in ducks. Blood. 144(Suppl 1):6862. doi:10.1182/blood-2024-198698",
        "Roe J, Poe A, et al. | Lanreotide in ducks | Blood | 2024 | v144 s1 p6862 | ASH | meeting-abstract",
    ),
    "a DOI in an address": (
        "Roe J. Lanreotide in ducks. In: 52 Ducks [Internet]. European Respiratory Society; 2016 [cited 2019 "
        "Jun 24]. p. PA1065. Available from: "
        "http://erj.ersjournals.com/lookup/doi/10.1183/13993003.congress-2016.PA1065",
        "Roe J | Lanreotide in ducks | 52 Ducks. European Respiratory Society | 2016 | v48 s60 pPA1065 "
        "nPA1065 | ERS | meeting-abstract",
    ),
    "no title": (
        "Roe J, Poe A, et al. Arthritis Rheumatol. 2021;73(suppl 10).",
        "Roe J, Poe A, et al. | [Untitled] | Arthritis Rheumatol | 2021 | v73 s10 |  | meeting-abstract",
    ),
    "glued: the volume is known": (
        "RoeJPoeADoeKLanreotide in ducks [abstract]Am J Respir Crit Care Med2010181A4445",
        "Roe J, Poe A, Doe K | Lanreotide in ducks | Am J Respir Crit Care Med | 2010 | v181 pA4445 | ATS | "
        "meeting-abstract",
    ),
    "glued: initials with a hyphen": (
        "GuoJ-PPoeADoeKLanreotide in ducks [abstract]Am J Respir Crit Care Med2010181A4445",
        "Guo JP, Poe A, Doe K | Lanreotide in ducks | Am J Respir Crit Care Med | 2010 | v181 pA4445 | ATS | "
        "meeting-abstract",
    ),
    "glued: volume, issue, page, number": (
        "RoeJPoeADoeKLanreotide in ducks [abstract]Value Health2010137A254Abstr PCN20",
        "Roe J, Poe A, Doe K | Lanreotide in ducks | Value Health | 2010 | v13 i7 pA254 nPCN20 |  | meeting-abstract",
    ),
    "glued: supplement of an issue": (
        "RoeJPoeADoeKLanreotide in ducksChest20031231 Suppl97S104S10.1378/chest.123.1_suppl.97S12527569",
        "Roe J, Poe A, Doe K | Lanreotide in ducks | Chest | 2003 | v123 i1 sSuppl p97S-104S |  | article",
    ),
    "glued: supplement before the year": (
        "RoeJPoeADoeKLanreotide in ducksAnn Oncol19suppl 82008viii77viii88abstract 1830.",
        "Roe J, Poe A, Doe K | Lanreotide in ducks | Ann Oncol | 2008 | v19 s8 pviii77-viii88 n1830 |  | "
        "meeting-abstract",
    ),
    "a number of four digits from 0 before the title": (
        "J Roe, A Poe (2022). 0097 Sleep of Ducks in Winter. Sleep 45 (Supplement_1), A43-A44",
        "Roe J, Poe A | Sleep of Ducks in Winter | Sleep | 2022 | v45 s1 pA43-A44 n0097 |  | meeting-abstract",
    ),
    "no year, but a part and a known journal; the years are the title's": (
        "Jane Roe, Allan Poe. Lanreotide in the ducks of ponds, 1989-2010, Cancer Research, 75 (15 Supplement), "
        "3701-3701.",
        "Roe J, Poe A | Lanreotide in the ducks of ponds, 1989-2010 | Cancer Res |  | v75 i15 sSuppl n3701 |  | "
        "meeting-abstract",
    ),
    "a code after the year of the meeting": (
        "Roe J, et al. Lanreotide in ducks. European Association for Ducks and Allied Birds (EADAB) Congress 2025. OR01.",
        "Roe J, et al. | Lanreotide in ducks |  | 2025 | nOR01 | European Association for Ducks and Allied Birds (EADAB) "
        "Congress @ 2025 | meeting-abstract",
    ),
    "a code after the year of the meeting, and a title that ends with a letter": (
        "Roe J, et al. Safety of lanreotide in ducks with haemophilia A. European Association for Ducks and Allied Birds "
        "(EADAB) Congress 2025. OR01.",
        "Roe J, et al. | Safety of lanreotide in ducks with haemophilia A |  | 2025 | nOR01 | European Association for "
        "Ducks and Allied Birds (EADAB) Congress @ 2025 | meeting-abstract",
    ),
    "given names in full after “Citation Format”": (
        "Citation Format: Jane Roe, Allan M. Poe. Lanreotide in ducks [abstract]. In: Proceedings of the American "
        "Association for Cancer Research Annual Meeting 2021; 2021 Apr 10-15 and May 17-21. Philadelphia (PA): AACR; "
        "Cancer Res 2021;81(13_Suppl):Abstract nr 176.",
        "Roe J, Poe AM | Lanreotide in ducks | Cancer Res | 2021 | v81 i13 sSuppl n176 | American Association for Cancer "
        "Research Annual Meeting 2021 @ 2021-04-10/2021-05-21 | meeting-abstract",
    ),
    "the meeting of the poster, in parentheses": (
        "Roe J, et al. J Clin Oncol 2013;31(Suppl):Abstract 11103 and poster (ASCO 2013).",
        "Roe J, et al. | [Abstract 11103] | J Clin Oncol | 2013 | v31 sSuppl n11103 | ASCO @ 2013 | meeting-abstract",
    ),
    "APA's day of publication": (
        "Roe, J. A., & Poe, K. L. (2014, June 1). Feathers of ducks. Gut, 63(Suppl 1), A123.",
        "Roe JA, Poe KL | Feathers of ducks | Gut | 2014-06-01 | v63 s1 pA123 |  | meeting-abstract",
    ),
    "NLM's months of publication": (
        "Roe JA, Poe KL. Feathers of ducks. Lancet Oncol. 2020 May-Jun;21(5):e250-e251. Epub 2020 Apr 3.",
        "Roe JA, Poe KL | Feathers of ducks | Lancet Oncol | 2020-05 | v21 i5 pe250-e251 |  | article",
    ),
    "days of the meeting are not the journal's": (
        "Roe JA, Poe KL. Feathers of ducks [abstract]. In: 58th ASH Annual Meeting; 2016 Dec 3-6; San Diego, CA. Blood. "
        "2016;128(22):766.",
        "Roe JA, Poe KL | Feathers of ducks | Blood | 2016 | v128 i22 p766 | 58th ASH Annual Meeting @ San Diego, CA @ "
        "2016-12-03/2016-12-06 | meeting-abstract",
    ),
    "a marked number, and entities that were escaped twice": (
        "Roe J, Poe K. #2345 Ducks &amp;amp; geese in ponds. Proc Am Assoc Cancer Res 2004;45:540.",
        "Roe J, Poe K | Ducks & geese in ponds | Proc Am Assoc Cancer Res | 2004 | v45 p540 n2345 |  | meeting-abstract",
    ),
    "a group that says of whom it is": (
        "Roe JA, Beukenholdt-ter Mors MA; on behalf of the Study Group of Ducks. Feathers in ponds. Pancreas. 2014 "
        "Nov;43(8):1387-1388.",
        "Roe JA, Beukenholdt-ter Mors MA, Study Group of Ducks | Feathers in ponds | Pancreas | 2014-11 | v43 i8 "
        "p1387-1388 |  | article",
    ),
    "a group with a French name in a list": (
        "Roe JA, Poe KL, Groupe des Canards Français. Feathers in ponds. Gut. 2014;63(9):1059-63.",
        "Roe JA, Poe KL, Groupe des Canards Français | Feathers in ponds | Gut | 2014 | v63 i9 p1059-1063 |  | article",
    ),
    "AMA's supplement to an issue": (
        "Roe JA, Poe KL. Feathers of ducks. J Am Coll Cardiol. 2019;73(9)(suppl 1):45.",
        "Roe JA, Poe KL | Feathers of ducks | J Am Coll Cardiol | 2019 | v73 i9 s1 p45 |  | meeting-abstract",
    ),
    "a number that begins with a day of the week is not a page": (
        "Roe JA, Poe KL. Feathers of ducks. J Hepatol 2013;58:FRI-384.",
        "Roe JA, Poe KL | Feathers of ducks | J Hepatol | 2013 | v58 nFRI-384 |  | meeting-abstract",
    ),
    "glued: 279 may be a volume or a page; the volume is known": (
        "RoeJPoeADoeKLanreotide in ducks [abstract FRI0277]Ann Rheum Dis2003279",
        "Roe J, Poe A, Doe K | Lanreotide in ducks | Ann Rheum Dis | 2003 | v62 nFRI0277 |  | meeting-abstract",
    ),
    "a meeting and a place in a journal, and no title": (
        "2014 ASCO Annual Meeting, J Clin Oncol 32, 2014 (suppl; abstr e22209)",
        " | [Abstract e22209] | J Clin Oncol | 2014 | v32 ne22209 | 2014 ASCO Annual Meeting @ 2014 | meeting-abstract",
    ),
    "IASLC's number with a blank, after the pages": (
        "Roe J, Poe A. Feathers of ducks. J Thorac Oncol. 2017;12(11 suppl 2):S1793-S1794. Abstract OA 05.03.",
        "Roe J, Poe A | Feathers of ducks | J Thorac Oncol | 2017 | v12 i11 s2 pS1793-S1794 nOA 05.03 |  | meeting-abstract",
    ),
    "the day of a meeting is not a volume": (
        "Roe J, Poe A. Feathers of ducks. In: Proceedings from the Duck Society; May 31-June 3, 2003; Oslo. Abstract 359.",
        "Roe J, Poe A | Feathers of ducks |  | 2003-05-31 | n359 | Duck Society @ Oslo @ 2003-05-31/2003-06-03 | "
        "meeting-abstract",
    ),
}


def shown(record: Record) -> str:
    """A record in one line."""
    people = [person.short or person.literal for person in record.authors] + ["et al."] * record.authors_truncated
    fields = {"v": record.volume, "i": record.issue, "s": record.supplement, "p": record.pages, "n": record.number}
    place = " ".join(f"{letter}{value}" for letter, value in fields.items() if value)
    meeting = record.meeting
    days = "/".join(dict.fromkeys(str(day) for day in (meeting.start, meeting.end) if day)) if meeting else ""
    event = " @ ".join(filter(None, (meeting.name, meeting.place, days))) if meeting else ""
    journal = record.container_short or record.container
    day = str(record.issued or "")
    return " | ".join((", ".join(people), record.title.plain, journal, day, place, event, record.type))


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_of_citations(kind: str) -> None:
    """Each kind is read field by field, and nothing that is not in the citation."""
    text, wanted = KINDS[kind]
    found = read_reference(text)
    assert isinstance(found, Reading), found
    assert shown(found.record) == wanted


@pytest.mark.parametrize(
    ("title", "number", "wanted"),
    [
        ("P53 mutations in ducks in winter", "", ("P53 mutations in ducks in winter", "")),
        ("S1007: A trial of ducks in ponds", "", ("S1007: A trial of ducks in ponds", "")),
        ("2014: a year in ponds of ducks", "", ("2014: a year in ponds of ducks", "")),
        ("Ducks in ponds of the north (S0356)", "", ("Ducks in ponds of the north (S0356)", "")),
        ("Ducks in ponds of the north (S0356)", "S0356", ("Ducks in ponds of the north", "S0356")),
        ("LBA5: Ducks in ponds of the north", "", ("Ducks in ponds of the north", "LBA5")),
        ("O-015 - Ducks in ponds of the north", "", ("Ducks in ponds of the north", "O-015")),
        ("985PD Ducks in ponds of the north", "", ("Ducks in ponds of the north", "985PD")),
        ("Ducks in ponds of the north. Abstract 1981", "", ("Ducks in ponds of the north", "1981")),
        # Filled up with zeros, or a day of the week: a number; proteins, markers and isotopes are not (citations and
        # records share one table, `digest.cite.numbering`).
        ("PD-017 Ducks in ponds of the north", "", ("Ducks in ponds of the north", "PD-017")),
        ("FRI-384-Noninvasive care of ducks", "", ("Noninvasive care of ducks", "FRI-384")),
        ("PB-123 Ducks in ponds of the north", "", ("Ducks in ponds of the north", "PB-123")),
        ("#2345 Ducks in ponds of the north", "", ("Ducks in ponds of the north", "2345")),
        ("PD-1-Positive ducks of the north", "", ("PD-1-Positive ducks of the north", "")),
        ("PD-18 Inhibitors in ducks", "", ("PD-18 Inhibitors in ducks", "")),
        ("IL-17-Producing cells of ducks", "", ("IL-17-Producing cells of ducks", "")),
        ("P-32 Labelled ducks in ponds", "", ("P-32 Labelled ducks in ponds", "")),
        ("OP-1250 A new drug in ducks", "", ("OP-1250 A new drug in ducks", "")),
        ("CA 19-9 Levels in ducks", "", ("CA 19-9 Levels in ducks", "")),
        ("COVID-19 In ducks of the north", "", ("COVID-19 In ducks of the north", "")),
        ("Abstract P45: Ducks in ponds", "99", ("Abstract P45: Ducks in ponds", "99")),
    ],
)
def test_numbers_at_titles(title: str, number: str, wanted: tuple[str, str]) -> None:
    """Only what societies number abstracts with is a number, and never another one than is known."""
    assert number_at_title(title, number, "") == wanted


def test_volumes_of_a_year() -> None:
    """A journal of two volumes a year has both; of one that is not in the table nothing is known."""
    assert [volume_that_begins(digits, "Blood", 2004) for digits in ("1041429", "1031429", "1051429")] == [
        "104",
        "103",
        "",
    ]
    assert volume_that_begins("2214", "Journal of Clinical Oncology", 2004) == "22"
    assert volume_that_begins("2214", "Pancreas", 2004) == ""


def test_judged_citations(shared: Path) -> None:
    """Of the fields of real citations that were judged by hand, at least 95 % are right in the half that is for measuring."""
    right = total = 0
    for half, text, row in citation_reading.citations(shared / "records/more/conference_abstract_citations.jsonl"):
        if half == "test":
            found = [same for _, _, _, same in citation_reading.outcomes(text, row)]
            right, total = right + sum(found), total + len(found)
    assert total > 600
    assert right / total >= 0.95, (right, total)
