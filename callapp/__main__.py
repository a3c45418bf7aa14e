"""python -m callapp"""

import sys

from callapp.main import main

if __name__ == "__main__":
    sys.exit(main())
