<1. >
VN  - Ovid Technologies
UI  - 24857584
TI  - Ducks in vivo
SO  - Journal of ducks. Conference: 3rd Meeting of Ducks. Norway. 32 (Supplement 1) (pp 60-66), 2014.
AU  - Doe J.
IN  - (Doe) Pond, Oslo
AB  - Background: We asked. Results: They quack.

<2. >
VN  - Ovid Technologies
UI  - 24857585
TI  - Geese
SO  - Journal of ducks. 32(3):12-9, 2014 Mar.
AU  - Roe R.
