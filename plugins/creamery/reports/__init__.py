"""Reports by mail: figures from the reporting views, as a PDF to read and a CSV to work with. No personal data."""
