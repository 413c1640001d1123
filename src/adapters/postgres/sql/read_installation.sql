SELECT id FROM moment.installation
